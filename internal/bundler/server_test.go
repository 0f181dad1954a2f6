package bundler_test

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/bundler"
)

// server serves git repositories over HTTP on the loopback. The git of its environment
// reaches it as https://git.example.com and https://github.com.
type server struct {
	t   *testing.T
	dir string
	env []string
	// url is the address of the server, github the address of its archives.
	url, github string
	// requests counts the requests. tamper, if not nil, replaces an archive.
	requests atomic.Int64
	down     atomic.Bool
	tamper   func([]byte) []byte
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{t: t, dir: t.TempDir()}
	execPath, err := exec.Command("git", "--exec-path").Output()
	require.NoError(t, err)
	backend := &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(execPath)), "git-http-backend"),
		// Messages about missing files would go to the test's output.
		Stderr: io.Discard,
		Env:    []string{"GIT_PROJECT_ROOT=" + s.dir, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1"},
	}
	count := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.requests.Add(1)
			if s.down.Load() {
				http.Error(w, "down", http.StatusServiceUnavailable)
				return
			}
			h.ServeHTTP(w, r)
		})
	}
	repositories := httptest.NewServer(count(backend))
	t.Cleanup(repositories.Close)
	archives := httptest.NewServer(count(http.HandlerFunc(s.archive)))
	t.Cleanup(archives.Close)
	s.url, s.github = repositories.URL, archives.URL
	home := t.TempDir()
	config := fmt.Sprintf("[url %q]\n\tinsteadOf = https://git.example.com/\n\tinsteadOf = https://github.com/\n\tinsteadOf = ssh://git@git.example.com/\n[user]\n\tname = a\n\temail = a@example.com\n", s.url+"/")
	require.NoError(t, os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(config), 0o666))
	s.env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "GIT_CONFIG_NOSYSTEM=1"}
	return s
}

// archive answers /user/name/archive/COMMIT.tar.gz as GitHub does.
func (s *server) archive(w http.ResponseWriter, r *http.Request) {
	repository, commit, _ := strings.Cut(strings.TrimSuffix(r.URL.Path, ".tar.gz"), "/archive/")
	cmd := exec.Command("git", "archive", "--format=tar.gz", "--prefix="+path.Base(repository)+"-"+commit+"/", commit)
	cmd.Dir = filepath.Join(s.dir, repository+".git")
	cmd.Env = s.env
	data, err := cmd.Output()
	if err != nil {
		http.NotFound(w, r)
		return
	}
	if s.tamper != nil {
		data = s.tamper(data)
	}
	_, _ = w.Write(data)
}

// repository is a bare repository of a server, with the branch that gets the commits.
type repository struct {
	s           *server
	dir, branch string
}

// repository makes a repository, such as org/lib, with a first commit on the branch
// main.
func (s *server) repository(name string, files map[string]string) repository {
	s.t.Helper()
	r := repository{s, filepath.Join(s.dir, name+".git"), "main"}
	for _, dir := range []string{"objects", "refs/heads", "refs/tags"} {
		require.NoError(s.t, os.MkdirAll(filepath.Join(r.dir, dir), 0o777))
	}
	write(s.t, r.dir, map[string]string{"HEAD": "ref: refs/heads/main\n", "config": "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"})
	r.commit(files)
	return r
}

// onto returns the repository with a new branch, which begins at the end of its own.
func (r repository) onto(branch string) repository {
	r.s.t.Helper()
	r.git("branch", branch, r.branch)
	r.branch = branch
	return r
}

func (r repository) git(args ...string) string {
	r.s.t.Helper()
	return r.gitReading("", args...)
}

func (r repository) gitReading(in string, args ...string) string {
	r.s.t.Helper()
	cmd := exec.CommandContext(context.Background(), "git", args...)
	cmd.Dir, cmd.Stdin = r.dir, strings.NewReader(in)
	cmd.Env = append(r.s.env, "GIT_COMMITTER_DATE=2020-01-01T00:00:00Z")
	out, err := cmd.CombinedOutput()
	require.NoError(r.s.t, err, "git %s: %s", strings.Join(args, " "), out)
	return strings.TrimSpace(string(out))
}

// commit adds files to the branch and returns the commit's ID. A text that begins
// with -> makes a symbolic link.
func (r repository) commit(files map[string]string) string {
	r.s.t.Helper()
	var in strings.Builder
	fmt.Fprintf(&in, "commit refs/heads/%s\nmark :1\ncommitter a <a@example.com> 1577836800 +0000\ndata 1\nc\n", r.branch)
	if _, err := os.Stat(filepath.Join(r.dir, "refs", "heads", r.branch)); err == nil {
		fmt.Fprintf(&in, "from refs/heads/%s^0\n", r.branch)
	}
	for name, text := range files {
		mode := "100644"
		if target, ok := strings.CutPrefix(text, "->"); ok {
			mode, text = "120000", target
		} else if strings.HasPrefix(text, "#!") {
			mode = "100755"
		}
		fmt.Fprintf(&in, "M %s inline %s\ndata %d\n%s\n", mode, name, len(text), text)
	}
	in.WriteString("get-mark :1\n")
	return r.gitReading(in.String(), "fast-import", "--quiet")
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
		if target, ok := strings.CutPrefix(text, "->"); ok {
			require.NoError(t, os.Symlink(target, file))
			continue
		}
		mode := fs.FileMode(0o666)
		if strings.HasPrefix(text, "#!") {
			mode = 0o777
		}
		require.NoError(t, os.WriteFile(file, []byte(text), mode))
	}
}

// tree returns the contents of a directory: the texts of files, with "#" before those that
// are executable, the targets of links after "->", and "/" for directories.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		require.NoError(t, err)
		info, err := d.Info()
		require.NoError(t, err)
		switch {
		case d.IsDir():
			out[rel] = "/"
		case d.Type() == fs.ModeSymlink:
			target, err := os.Readlink(name)
			require.NoError(t, err)
			out[rel] = "->" + target
		default:
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			out[rel] = string(text)
			if info.Mode()&0o100 != 0 {
				out[rel] = "#" + out[rel]
			}
		}
		return nil
	}))
	return out
}

// without returns a tree without the names and everything below them.
func without(tree map[string]string, names ...string) map[string]string {
	out := maps.Clone(tree)
	for _, n := range names {
		maps.DeleteFunc(out, func(name, _ string) bool { return name == n || strings.HasPrefix(name, n+"/") })
	}
	return out
}

// newProject makes a project with files and a jsonnetfile.json with the dependencies, which
// are JSON.
func newProject(t *testing.T, dependencies string, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	write(t, dir, map[string]string{"jsonnetfile.json": declaring(dependencies)})
	write(t, dir, files)
	return dir
}

func declaring(dependencies string) string {
	return "{\"version\": 1, \"dependencies\": [" + dependencies + "], \"legacyImports\": true}\n"
}

// on returns a dependency on a repository of git.example.com.
func on(repository, subdir, version string) string {
	return dependency("https://git.example.com/"+repository+".git", subdir, version)
}

func dependency(remote, subdir, version string) string {
	return fmt.Sprintf(`{"source": {"git": {"remote": %q, "subdir": %q}}, "version": %q}`, remote, subdir, version)
}

// open returns a bundler for a project, without a cache.
func (s *server) open(root string) *bundler.Bundler { return s.openCached(root, "") }

func (s *server) openCached(root, cache string) *bundler.Bundler {
	return bundler.New(root, bundler.Options{Vendor: "vendor-jsonnet", Cache: cache, Env: s.env, GitHub: s.github})
}
