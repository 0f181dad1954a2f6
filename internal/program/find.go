package program

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// ErrNotFound is in the chain of the error for a missing program.
var ErrNotFound = exec.ErrNotFound

// Find returns the path of a program. It searches a bare name in the absolute directories
// of env's PATH; relative ones would let the files of a project choose the program. Any
// other name is a path. The chain of the error holds [ErrNotFound].
func Find(name string, env []string) (string, error) {
	if filepath.Base(name) != name {
		return executable(name)
	}
	for _, dir := range filepath.SplitList(variable(env, "PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		if file, err := executable(filepath.Join(dir, name)); err == nil {
			return file, nil
		}
	}
	return "", fmt.Errorf("%s: %w", name, ErrNotFound)
}

// FindHere returns the path of a program with a bare name in the PATH of this process, for
// callers who give no environment. The chain of the error holds [ErrNotFound].
func FindHere(name string) (string, error) { return executable(name) }

// FindIn returns the path of the program of that name in the first directory that has it.
// The chain of the error holds [ErrNotFound].
func FindIn(dirs []string, name string) (string, error) {
	for _, dir := range dirs {
		if file, err := executable(filepath.Join(dir, name)); err == nil {
			return file, nil
		}
	}
	return "", fmt.Errorf("%s: %w", name, ErrNotFound)
}

// executable returns the path of a file that can be executed.
func executable(file string) (string, error) {
	found, err := exec.LookPath(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, ErrNotFound)
	}
	return found, nil
}

// variable returns a variable of an environment, "" if it is not set. As in os/exec, the
// last of several counts.
func variable(env []string, name string) string {
	for _, entry := range slices.Backward(env) {
		key, value, _ := strings.Cut(entry, "=")
		if key == name || runtime.GOOS == "windows" && strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}
