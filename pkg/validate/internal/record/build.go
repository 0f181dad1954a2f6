package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// programs are the programs of a server.
type programs struct {
	dir, etcd, apiserver string
}

// build builds the programs of a release in a module below the directory work.
func build(ctx context.Context, v version) (programs, error) {
	dir, err := filepath.Abs(filepath.Join(work, v.release))
	if err != nil {
		return programs{}, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return programs{}, err
	}
	p := programs{dir, filepath.Join(dir, "etcd"), filepath.Join(dir, "kube-apiserver")}
	text, err := goMod(ctx, dir, v)
	if err != nil {
		return programs{}, err
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text), 0o666); err != nil {
		return programs{}, err
	}
	for program, pkg := range map[string]string{p.etcd: "go.etcd.io/etcd/server/v3", p.apiserver: "k8s.io/kubernetes/cmd/kube-apiserver"} {
		fmt.Fprintln(os.Stderr, "record: go build", pkg, "of", v.module)
		if err := command(ctx, dir, "go", "build", "-mod=mod", "-trimpath", "-ldflags", "-s -w", "-o", program, pkg); err != nil {
			return programs{}, err
		}
	}
	return p, nil
}

// goMod returns the file go.mod of a main module that requires a release. The go.mod of the
// release names its parts v0.0.0 and replaces them by directories, which has no effect in
// other modules. Parts that do not exist are for other programs. The version of Go is the
// release's own: the Go command takes the defaults of the runtime from it.
func goMod(ctx context.Context, dir string, v version) (string, error) {
	file, err := download(ctx, dir, "k8s.io/kubernetes@"+v.module)
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	own := fmt.Sprintf("module record\n\nrequire k8s.io/kubernetes %s\n", v.module)
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 2 && fields[0] == "go" {
			own += line
		} else if len(fields) >= 2 && strings.HasPrefix(fields[0], "k8s.io/") && fields[1] == "v0.0.0" {
			part := "v0" + strings.TrimPrefix(v.module, "v1")
			if _, err := download(ctx, dir, fields[0]+"@"+part); err == nil {
				own += fmt.Sprintf("require %s %s\n", fields[0], part)
			}
		}
	}
	return own, nil
}

// download lets the Go command download a module, and returns its go.mod.
func download(ctx context.Context, dir, module string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", module)
	cmd.Dir = dir
	answer, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", cmd, err, answer)
	}
	var found struct{ GoMod string }
	err = json.Unmarshal(answer, &found)
	return found.GoMod, err
}

func command(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, os.Stderr, os.Stderr
	cmd.Env = append(os.Environ(), "GOWORK=off") // the module of dir is none of this workspace
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", cmd, err)
	}
	return nil
}
