package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/mop-platform/mop/internal/timing"
	"github.com/mop-platform/mop/pkg/jsonnet"
)

// recording is a profile of what a command evaluates, in the file of that name.
type recording struct {
	*timing.Recording
	name string
	// shown returns what a user calls a file that was evaluated.
	shown func(file string) string
}

// record returns the profile of the command.
func (a *app) record(name string) (*jsonnet.Profile, error) {
	if a.recording == nil {
		r, err := timing.Start(a.abs(name))
		if err != nil {
			return nil, unwritable(name, err)
		}
		a.recording = &recording{r, name, a.displayPath}
	}
	return a.recording.Profile(), nil
}

// writeProfile writes the profile, if there is one, and the table of it.
func (a *app) writeProfile(ctx context.Context) error {
	if a.recording == nil {
		return nil
	}
	times, err := a.recording.Save(ctx, a.recording.shown)
	if err != nil {
		return unwritable(a.recording.name, err)
	}
	if times.None() {
		a.note("--profile: nothing was evaluated")
		return nil
	}
	return times.Write(a.stderr)
}

// unwritable returns the error of a profile's file.
func unwritable(name string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("--profile %s: %w", name, err)
}
