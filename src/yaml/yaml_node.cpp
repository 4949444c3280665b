#include "yaml/yaml_node.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>
#include <tuple>
#include <utility>

#include "yaml/yaml_text.hpp"

namespace sealtrace {
namespace {

YamlMark mark_of(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {.line = static_cast<std::uint32_t>(mark.line + 1), .column = static_cast<std::uint32_t>(mark.column + 1)};
}

/// Refused ends the reading of a document at the first thing this dialect does not have.
struct Refused {
  YamlMark where;
  std::string message;
};

/// TreeBuilder takes the parser's events, so that nothing is expanded, merged or overwritten before we see it.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(YamlProblems& problems) : problems_{problems} {}

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    add({.kind = YamlKind::null, .where = mark_of(mark), .text = {}, .items = {}, .entries = {}});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    throw Refused{mark_of(mark), "aliases (*name) are not allowed: write the value out"};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (const char* what = find_control_character(value)) throw Refused{mark_of(mark), what};
    add({.kind = YamlKind::scalar, .where = mark_of(mark), .text = value, .items = {}, .entries = {}});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(YamlKind::sequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(YamlKind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }
  void OnAnchor(const YAML::Mark& mark, const std::string& /*name*/) override {
    throw Refused{mark_of(mark), "anchors (&name) are not allowed: write the value out"};
  }

  [[nodiscard]] YamlNode take_root() { return std::move(root_); }

 private:
  /// Frame is a sequence or map that is still open. In a map keys and values alternate.
  struct Frame {
    YamlNode node;
    std::set<std::string, std::less<>> keys;
    std::optional<YamlEntry> entry;  ///< its key was read, its value was not
  };

  static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) throw Refused{mark_of(mark), "anchors (&name) are not allowed: write the value out"};
  }
  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") throw Refused{mark_of(mark), "tags (!name) are not allowed"};
  }

  void open(YamlKind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (stack_.size() >= kMaxYamlDepth) throw Refused{mark_of(mark), fmt::format("nested deeper than {} levels", kMaxYamlDepth)};
    Frame frame;
    frame.node.kind = kind;
    frame.node.where = mark_of(mark);
    stack_.push_back(std::move(frame));
  }

  void close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    add(std::move(frame.node));
  }

  void add(YamlNode node) {
    if (++num_nodes_ > kMaxYamlNodes) throw Refused{node.where, fmt::format("more than {} values", kMaxYamlNodes)};
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = stack_.back();
    if (frame.node.kind == YamlKind::sequence) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.entry) {
      if (node.kind != YamlKind::scalar) throw Refused{node.where, "a key must be plain text"};
      frame.entry = YamlEntry{.key = std::move(node.text), .where = node.where, .value = {}};
    } else {
      if (node.kind == YamlKind::null) node.where = frame.entry->where;  // an empty value has no place of its own
      frame.entry->value = std::move(node);
      if (frame.keys.insert(frame.entry->key).second) {
        frame.node.entries.push_back(std::move(*frame.entry));
      } else {
        problems_.add(frame.entry->where, fmt::format("the key {} stands here a second time", in_quotes(frame.entry->key)));
      }
      frame.entry.reset();
    }
  }

  YamlProblems& problems_;
  YamlNode root_;
  std::vector<Frame> stack_;
  std::size_t num_nodes_ = 0;
};

}  // namespace

void YamlProblems::add(YamlMark where, std::string message) {
  ++num_found_;
  if (problems_.size() < kMaxYamlProblems) problems_.push_back({.where = where, .message = std::move(message)});
}

std::vector<YamlProblem> YamlProblems::sorted() const {
  std::vector<YamlProblem> sorted = problems_;
  std::ranges::sort(sorted, {},
                    [](const YamlProblem& problem) { return std::tie(problem.where.line, problem.where.column, problem.message); });
  return sorted;
}

std::string to_text(const YamlProblem& problem, std::string_view source) {
  if (problem.where.line == 0) return fmt::format("{}: {}", source, problem.message);
  return fmt::format("{}:{}:{}: {}", source, problem.where.line, problem.where.column, problem.message);
}

std::optional<YamlNode> parse_yaml(std::string_view text, YamlProblems& problems) {
  if (text.size() > kMaxYamlBytes) {
    problems.add({}, fmt::format("larger than {} bytes", kMaxYamlBytes));
    return std::nullopt;
  }
  if (const std::optional<YamlProblem> problem = find_foreign_text(text)) {
    problems.add(problem->where, problem->message);
    return std::nullopt;
  }
  const std::size_t before = problems.num_found();
  TreeBuilder builder{problems};
  try {
    std::istringstream stream{std::string{text}};
    YAML::Parser parser{stream};
    if (!parser.HandleNextDocument(builder)) {
      problems.add({.line = 1, .column = 1}, "the file is empty");
    } else if (TreeBuilder second{problems}; parser.HandleNextDocument(second)) {
      problems.add(second.take_root().where, "a second document: one file holds one document");
    }
  } catch (const Refused& refused) {
    problems.add(refused.where, refused.message);
  } catch (const YAML::Exception& error) {
    problems.add(mark_of(error.mark), fmt::format("not YAML: {}", error.msg));
  }
  if (problems.num_found() != before) return std::nullopt;
  return builder.take_root();
}

std::optional<std::string> read_text_file(const std::filesystem::path& path, YamlProblems& problems) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    problems.add({}, "is a folder, expected a file");
    return std::nullopt;
  }
  std::ifstream file{path, std::ios::binary};
  if (!file) {
    problems.add({}, fmt::format("cannot be opened: {}", std::strerror(errno)));
    return std::nullopt;
  }
  std::string text(kMaxYamlBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) {
    problems.add({}, "cannot be read");
    return std::nullopt;
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxYamlBytes) {
    problems.add({}, fmt::format("larger than {} bytes", kMaxYamlBytes));
    return std::nullopt;
  }
  return text;
}

}  // namespace sealtrace
