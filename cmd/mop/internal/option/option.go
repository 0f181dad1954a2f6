package option

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Size is a number of bytes in the notation of Kubernetes; 0 means that it is not given.
type Size uint64

func (s *Size) Type() string { return "SIZE" }
func (s *Size) String() string {
	if *s == 0 {
		return ""
	}
	return budget.Bytes(uint64(*s))
}

func (s *Size) Set(text string) error {
	q, err := resource.ParseQuantity(text)
	if err != nil || q.Sign() <= 0 {
		return errors.New("want a size such as 2Gi")
	}
	*s = Size(q.Value())
	return nil
}

// Level says what a command writes to standard error besides its errors. It is the value of
// a flag, in Tanka's spelling. The zero value is info.
type Level int

const (
	Errors Level = iota - 2
	Warnings
	Notes
	Debug
)

// levels are the spellings. Tanka has levels above errors. mop reports the errors that make
// a command fail at any level.
func levels() map[string]Level {
	return map[string]Level{
		"disabled": Errors, "fatal": Errors, "error": Errors,
		"warn": Warnings, "info": Notes, "debug": Debug, "trace": Debug,
	}
}

func (l *Level) Type() string { return "LEVEL" }
func (l *Level) String() string {
	return [...]string{"error", "warn", "info", "debug"}[*l-Errors]
}

func (l *Level) Set(s string) error {
	level, ok := levels()[s]
	if !ok {
		return fmt.Errorf("want %s", strings.Join([]string{"error", "warn", "info", "debug"}, ", "))
	}
	*l = level
	return nil
}

// Compat says that the output has the bytes of Tanka instead of mop's. Its text is "tanka",
// or "" for mop's.
type Compat bool

func (c *Compat) String() string {
	if *c {
		return "tanka"
	}
	return ""
}

func (c *Compat) Type() string { return "PROGRAM" }

func (c *Compat) Set(s string) error {
	if s != "" && s != "tanka" {
		return fmt.Errorf("want tanka")
	}
	*c = s == "tanka"
	return nil
}

// WriteYAML writes objects as a YAML stream, with the bytes of Tanka's if c is set.
func (c Compat) WriteYAML(ctx context.Context, w io.Writer, objects []manifest.Object) error {
	if c {
		return writeTankaYAML(ctx, w, objects)
	}
	return manifest.WriteYAML(ctx, w, objects)
}

// File is the name of a file, "" for none.
type File string

func (f *File) String() string { return string(*f) }
func (f *File) Type() string   { return "FILE" }

func (f *File) Set(s string) error {
	if s == "" {
		return errors.New("want the name of a file")
	}
	*f = File(s)
	return nil
}
