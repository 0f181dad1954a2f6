package git

import (
	"context"
	"errors"
	"net/url"
	"path"
	"strings"
)

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
