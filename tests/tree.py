"""tree: the files of the project, tracked by git or not yet, and what changed in them."""
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent


def git(*arguments):
    """The lines that git prints; none when git or the repository is missing."""
    try:
        done = subprocess.run(["git", "-C", ROOT, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    return done.stdout.splitlines()


def files():
    """Every file of the project as an absolute path, without what .gitignore names; without git, every file of its folders."""
    names = git("ls-files", "--cached", "--others", "--exclude-standard")
    if names:
        return [ROOT / name for name in sorted(set(names)) if (ROOT / name).is_file()]
    folders = ("src", "dissectors", "policies", "tests", "scripts", "captures", "docs", "cmake")
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def cpp_files():
    return [path for path in files() if path.suffix in (".cpp", ".hpp")]


def changed_files(since="HEAD"):
    """Files that differ from the commit `since`, and new ones."""
    names = git("diff", "--name-only", since) + git("ls-files", "--others", "--exclude-standard")
    return [ROOT / name for name in sorted(set(names)) if (ROOT / name).is_file()]
