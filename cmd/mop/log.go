package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mop-platform/mop/cmd/mop/internal/option"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/pkg/diag"
)

// warn writes warnings to standard error.
func (a *app) warn(l diag.List) {
	if len(l) > 0 && a.level >= option.Warnings {
		a.report(&l)
	}
}

// writeFindings writes the findings of a command to standard output. The error is broken,
// about input that could not be checked, or else [errFindings] if there are findings.
func (a *app) writeFindings(found, broken diag.List) error {
	if err := diag.Write(a.stdout, found, diag.Options{Path: a.displayPath}); err != nil {
		return err
	}
	if err := broken.Err(); err != nil {
		return err
	}
	if len(found) > 0 {
		return errFindings
	}
	return nil
}

// note writes a note that mop has done something with an argument, or has not.
func (a *app) note(format string, args ...any) {
	if a.level >= option.Notes {
		fmt.Fprintf(a.stderr, "mop: note: %s\n", message.CutLines(fmt.Sprintf(format, args...), message.Screen))
	}
}

// debugf writes a message at the level debug.
func (a *app) debugf(format string, args ...any) {
	if a.level >= option.Debug {
		fmt.Fprintf(a.stderr, "mop: debug: "+format+"\n", args...)
	}
}

// loaded says at the level debug which entrypoint was evaluated, and how long it took.
func (a *app) loaded(entry project.Environment, file render.File, took time.Duration) {
	if len(file.Read.Files) > 0 {
		a.debugf("%s: evaluated in %s, %d environments, read %s",
			entry.Entrypoint, took.Round(time.Millisecond), len(file.Environments), strings.Join(slices.Clip(file.Read.Files), " "))
	}
}
