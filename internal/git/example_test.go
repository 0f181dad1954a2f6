package git_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/mop-platform/mop/internal/git"
)

// Print the contents that the changed files have in a branch.
func Example() {
	dir, env := exampleRepository()
	defer os.RemoveAll(dir)

	ctx := context.Background()
	repository, err := git.Open(ctx, dir, git.Options{Env: env})
	if err != nil {
		panic(err)
	}
	tree, err := repository.Tree(ctx, "main")
	if err != nil {
		panic(err)
	}
	defer tree.Close()
	changed, err := repository.Changed(ctx, "main", "")
	if err != nil {
		panic(err)
	}
	for _, name := range changed {
		before, err := fs.ReadFile(tree, name)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s: %s\n", name, before)
	}
	// Output:
	// main.jsonnet: { replicas: 1 }
}

// exampleRepository returns a directory with a repository whose main.jsonnet
// was edited after the only commit, and the environment to run git in.
func exampleRepository() (dir string, env []string) {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	env = environment(dir)
	file := filepath.Join(dir, "main.jsonnet")
	if err := os.WriteFile(file, []byte("{ replicas: 1 }"), 0o644); err != nil {
		panic(err)
	}
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"add", "."}, {"commit", "-q", "-m", "x"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir, cmd.Env = dir, env
		if out, err := cmd.CombinedOutput(); err != nil {
			panic(string(out))
		}
	}
	if err := os.WriteFile(file, []byte("{ replicas: 2 }"), 0o644); err != nil {
		panic(err)
	}
	return dir, env
}
