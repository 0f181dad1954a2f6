package main

import (
	"context"
	"fmt"

	"github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/internal/timing"
)

// recording is a profile of a command's evaluations in the file name.
type recording struct {
	*timing.Recording
	name string
	// shown returns the name of an evaluated file for the user.
	shown func(file string) string
}

// record returns the profile of the command. It starts it in the first call.
func (a *app) record(name string) (*jsonnet.Profile, error) {
	if a.recording == nil {
		r, err := timing.Start(a.abs(name))
		if err != nil {
			return nil, fmt.Errorf("--profile %s: %w", name, err)
		}
		a.recording = &recording{r, name, a.displayPath}
	}
	return a.recording.Profile(), nil
}

// writeProfile writes the profile, if there is one, and its table.
func (a *app) writeProfile(ctx context.Context) error {
	if a.recording == nil {
		return nil
	}
	times, err := a.recording.Save(ctx, a.recording.shown)
	if err != nil {
		return fmt.Errorf("--profile %s: %w", a.recording.name, err)
	}
	if times.None() {
		a.note("--profile: nothing was evaluated")
		return nil
	}
	return times.Write(a.stderr)
}
