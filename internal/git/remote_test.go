package git_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/git"
)

func TestLocation(t *testing.T) {
	const want = "github.com/acme/platform"
	for address, want := range map[string]string{
		"https://github.com/acme/platform":                        want,
		"https://github.com/acme/platform.git":                    want,
		"https://GitHub.com/acme/platform/":                       want,
		"https://x-token:secret@github.com/acme/platform.git":     want,
		"ssh://git@github.com:22/acme/platform.git":               want,
		"git@github.com:acme/platform.git":                        want,
		"github.com:acme/platform":                                want,
		"git://github.com/acme/platform.git/":                     want,
		"ssh://git@git.example.org:2222/~me/a b.git":              "git.example.org/~me/a b",
		"/srv/git/platform.git":                                   "",
		"../platform":                                             "",
		"./a:b":                                                   "",
		`C:\git\platform`:                                         "",
		"C:/git/platform":                                         "",
		"file:///srv/git/platform.git":                            "",
		"":                                                        "",
		"https://github.com/acme/platform.git?token=abc#fragment": want,
	} {
		assert.Equal(t, want, git.Location(address), address)
	}
}

func TestRemote(t *testing.T) {
	s := newScratch(t)
	remote := func() string {
		address, err := s.open().Remote(t.Context())
		require.NoError(t, err)
		return address
	}
	assert.Equal(t, "", remote())
	s.git("remote", "add", "fork", "https://github.com/me/platform")
	assert.Equal(t, "https://github.com/me/platform", remote(), "the only one")
	s.git("remote", "add", "other", "https://github.com/you/platform")
	assert.Equal(t, "", remote(), "no telling which")
	s.git("remote", "add", "origin", "git@github.com:acme/platform.git")
	s.git("config", "--local", "url.https://token@github.com/.insteadOf", "git@github.com:")
	assert.Equal(t, "git@github.com:acme/platform.git", remote())
}

// Addresses that would make git run a program of their choice are refused.
func TestHostileRemotes(t *testing.T) {
	dir := t.TempDir()
	ran := filepath.Join(dir, "ran")
	o := git.Options{Env: append(environment(dir), "GIT_ALLOW_PROTOCOL=ext:fd:ssh:file:https")}
	for remote, problem := range map[string]string{
		"":                                   "want an address, not an option",
		"--upload-pack=touch " + ran:         "want an address, not an option",
		"-oProxyCommand=touch " + ran + ":x": "want an address, not an option",
		"ext::touch " + ran:                  "want no transport that names a program",
		"fd::0":                              "want no transport that names a program",
		"ext::touch " + ran + " ssh://a/b":   "want no transport that names a program",
		"a-b+c.d::x":                         "want no transport that names a program",
		"ext://touch " + ran:                 "want the protocol https, http, ssh, git, file",
		"://x":                               "want the protocol https, http, ssh, git, file",
		"SSH://x/y":                          "want the protocol https, http, ssh, git, file",
		"ssh://-oProxyCommand=touch/x":       `want the name of a host, got "-oProxyCommand=touch"`,
		"ssh://git@-oProxyCommand=touch/x":   `want the name of a host, got "-oProxyCommand=touch"`,
		"ssh://git@$(touch ran)/x":           `want the name of a host, got "$(touch ran)"`,
		"ssh://git@a;touch ran/x":            `want the name of a host, got "a;touch ran"`,
		"https://example.com:80;x/y":         `want the name of a host, got "example.com:80;x"`,
		"git@$(touch ran):x/y.git":           `want the name of a host, got "$(touch ran)"`,
		"git@-oProxyCommand=touch:x/y.git":   `want the name of a host, got "-oProxyCommand=touch"`,
		"git@[-oProxyCommand=touch]:x/y.git": `want the name of a host, got "[-oProxyCommand=touch]"`,
		"git@evil\nhost:x/y.git":             `want the name of a host, got "evil\nhost"`,
		"ssh:///x/y":                         `want the name of a host, got ""`,
	} {
		var refused *git.RemoteError
		_, err := git.Fetch(t.Context(), filepath.Join(dir, "got"), remote, "main", o)
		require.ErrorAs(t, err, &refused, remote)
		assert.Equal(t, git.RemoteError{Remote: remote, Problem: problem}, *refused)
		_, _, err = git.ResolveRemote(t.Context(), remote, "main", o)
		require.ErrorAs(t, err, &refused, remote)
	}
	assert.NoFileExists(t, ran)
	assert.NoDirExists(t, filepath.Join(dir, "got"))

	// These are accepted, though nobody answers.
	for _, remote := range []string{
		filepath.Join(dir, "none"), "file://" + dir + "/none", "./a:b", "https://localhost:1/x/y.git",
		"https://user:secret@[::1]:1/x", "http://127.0.0.1:1/x",
	} {
		_, _, err := git.ResolveRemote(t.Context(), remote, "main", o)
		assert.Error(t, err)
		assert.NotErrorAs(t, err, new(*git.RemoteError), remote)
	}
}
