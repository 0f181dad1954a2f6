package git

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/pattern"
)

// RemoteError says why an address of a remote repository is refused.
type RemoteError struct{ Remote, Problem string }

func (e *RemoteError) Error() string { return fmt.Sprintf("remote %q: %s", e.Remote, e.Problem) }

// protocols are the accepted protocols. Others, such as ext and fd, run programs that the
// address names.
var protocols = []string{"https", "http", "ssh", "git", "file"}

var (
	// helper matches the beginning of an address with a transport, see gitremote-helpers(7).
	helper = pattern.New(`^[A-Za-z0-9][A-Za-z0-9+.-]*::`)
	// scp matches the beginning of an address in the form of scp: user@host.
	scp = pattern.New(`^([^/\\:\[]*(\[[^\]]*\])?):`)
	// host matches a name or address, with an optional port. No program that gets it can
	// take it for an option or, like ssh's ProxyCommand, for code.
	host = pattern.New(`^([A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\])(:[0-9]*)?$`)
)

// checkRemote refuses an address that could make git run other programs than those of a
// protocol. The error is a [RemoteError].
func checkRemote(remote string) error {
	refuse := func(problem string) error { return &RemoteError{remote, problem} }
	scheme, rest, isURL := strings.Cut(remote, "://")
	switch {
	case remote == "" || remote[0] == '-':
		return refuse("want an address, not an option")
	case helper().MatchString(remote):
		return refuse("want no transport that names a program")
	case isURL && !slices.Contains(protocols, scheme):
		return refuse("want the protocol " + strings.Join(protocols, ", "))
	case scheme == "file":
		return nil
	}
	authority, _, _ := strings.Cut(rest, "/")
	if !isURL {
		m := scp().FindStringSubmatch(remote)
		if m == nil {
			return nil // a path
		}
		authority = m[1]
	}
	if name := authority[strings.LastIndexByte(authority, '@')+1:]; !host().MatchString(name) {
		return refuse(fmt.Sprintf("want the name of a host, got %q", name))
	}
	return nil
}

// Remote returns the address of the remote called origin or else of the only remote, "" if
// there is none. It is the address in the repository's configuration, which the user's
// configuration does not change.
func (r *Repository) Remote(ctx context.Context) (string, error) {
	out, err := r.run(ctx, "config", "--local", "--null", "--get-regexp", `^remote\..*\.url$`)
	var failed *commandError
	if errors.As(err, &failed) && failed.stderr == "" {
		return "", nil // no such key
	}
	if err != nil {
		return "", err
	}
	remotes := map[string]string{}
	for _, entry := range strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		key, address, _ := strings.Cut(entry, "\n")
		remotes[strings.TrimSuffix(strings.TrimPrefix(key, "remote."), ".url")] = address
	}
	if address, ok := remotes["origin"]; ok {
		return address, nil
	}
	if len(remotes) == 1 {
		for _, address := range remotes {
			return address, nil
		}
	}
	return "", nil
}

// Location returns the common part of all addresses of one repository, such as
// github.com/acme/platform: its host in lower case and its path there. It leaves out
// protocol, user, password, port and the ending .git. It is "" for a repository on this
// machine.
func Location(address string) string {
	var host, name string
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		host, name = u.Hostname(), u.Path
	} else if before, after, ok := strings.Cut(address, ":"); ok && !strings.Contains(address, "://") && len(before) > 1 && !strings.ContainsAny(before, `/\`) {
		// The form of scp. A single letter is a drive of Windows.
		host, name = before[strings.LastIndexByte(before, '@')+1:], after
	}
	if host == "" {
		return ""
	}
	return strings.ToLower(host) + strings.TrimSuffix(path.Clean("/"+name), ".git")
}
