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

// RemoteError says that an address is not taken as that of a remote repository.
type RemoteError struct{ Remote, Problem string }

func (e *RemoteError) Error() string { return fmt.Sprintf("remote %q: %s", e.Remote, e.Problem) }

// protocols are those whose addresses are taken. Others, such as ext and fd, run
// programs that the address names.
var protocols = []string{"https", "http", "ssh", "git", "file"}

var (
	// helper is the beginning of an address of a transport, gitremote-helpers(7).
	helper = pattern.New(`^[A-Za-z0-9][A-Za-z0-9+.-]*::`)
	// scp is the beginning of an address like that of scp: user@host.
	scp = pattern.New(`^([^/\\:\[]*(\[[^\]]*\])?):`)
	// host is a name or address, with a port; nothing that a program to which it is
	// handed on could take for an option or, as ssh's ProxyCommand, for code.
	host = pattern.New(`^([A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\])(:[0-9]*)?$`)
)

// checkRemote refuses an address that could have git run something else than the
// programs of a protocol. The error is a [RemoteError].
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

// Remote returns the address of the remote that the repository came from, which
// is the one called origin or else the only one; "" where there is none. It is as
// the repository's configuration has it, whatever that of the user makes of it.
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

// Location returns what the addresses of one repository have in common, however
// it is reached: its host in lower case and its path there, as in
// github.com/acme/platform, without protocol, user, password, port and the
// ending .git. It is "" for a repository on this machine.
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
