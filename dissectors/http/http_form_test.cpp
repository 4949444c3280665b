#include "dissectors/http/http_form.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sealtrace {
namespace {

TEST(HttpForm, FindsAFieldThatIsNamedAsPasswordsAre) {
  struct Case {
    std::string_view form;
    std::size_t offset;
    std::size_t length;
  };
  const Case cases[] = {
      {"user=alice&password=x7", 11, 8},
      {"Password=x7", 0, 8},
      {"j_username=a&j_password=b", 13, 10},
      {"userPassword=secret&go=1", 0, 12},
      {"user%5Bpassword%5D=b&x=", 0, 18},
      {"login[pwd]=b", 0, 10},
      {"passwd=b", 0, 6},
      {"grant_type=password&password=b", 20, 8},
      {"a=b&pass=%20", 4, 4},
      {"j_pass=b", 0, 6},
      {"user%5Bpass%5D=b", 0, 14},
      {"PASSWORD=0x", 0, 8},
      {"new-password2=hunter", 0, 13},
  };
  for (const Case& c : cases) {
    const auto field = find_password_field(c.form);
    ASSERT_TRUE(field) << c.form;
    EXPECT_EQ(field->offset, c.offset) << c.form;
    EXPECT_EQ(field->length, c.length) << c.form;
  }
}

TEST(HttpForm, LeavesOtherFieldsAlone) {
  for (const std::string_view form :
       {"", "&", "=", "=x", "user=alice", "password=", "password", "show_password=1", "rememberPassword=true", "password_reset=alice",
        "compass=north", "grant_type=password", "passwordless=maybe", "q=password%3Dx", "bypass=x", "boardingPass=LH1234&seasonPass=gold"})
    EXPECT_FALSE(find_password_field(form)) << form;
}

TEST(HttpForm, FindsATokenByItsName) {
  const auto field = find_token_field("a=b&access_token=x7");
  ASSERT_TRUE(field);
  EXPECT_EQ(field->offset, 4U);
  EXPECT_EQ(field->length, 12U);
  for (const std::string_view form : {"", "access_token=", "access_token", "token=x", "csrf_token=x", "q=access_token%3Dx"})
    EXPECT_FALSE(find_token_field(form)) << form;
}

TEST(HttpForm, LooksNoFurtherThanItsBound) {
  EXPECT_FALSE(find_password_field("a=" + std::string(kMaxHttpFormBytes, 'x') + "&password=b"));
  EXPECT_FALSE(find_password_field(std::string(kMaxHttpFormBytes, '&') + "password=b"));
}

TEST(HttpForm, ACutFormNamesNoFieldThatTheWholeDoesNot) {
  const std::string form = "user=alice&show_password=true&password=x7&go=1";
  const auto whole = find_password_field(form);
  ASSERT_TRUE(whole);
  for (std::size_t size = 0; size < form.size(); ++size) {
    const auto cut = find_password_field(std::string_view{form}.substr(0, size));
    if (cut && cut->offset == 11) continue;  // "show_password=t": what the value will be is not there yet
    EXPECT_TRUE(!cut || cut->offset == whole->offset) << size;
  }
}

}  // namespace
}  // namespace sealtrace
