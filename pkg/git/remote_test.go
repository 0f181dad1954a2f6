package git_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/git"
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
