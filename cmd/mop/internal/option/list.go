// Package option has the types of flags whose values are no simple string, number or
// boolean.
package option

import (
	"encoding/csv"
	"strings"
)

// List is the value of a flag that may be given several times. pflag's own type makes a
// writer of 4 KB for each default when a flag is declared, and every run declares the flags
// of all commands.
type List struct {
	values *[]string
	// separated says that each value is a list with commas, as in CSV. changed says that a
	// value has replaced the default.
	separated, changed bool
}

// NewList returns a List that takes each value as one element.
func NewList(to *[]string) *List { return &List{values: to} }

// NewSeparated returns a List that takes each value as a list with commas.
func NewSeparated(to *[]string) *List { return &List{values: to, separated: true} }

// Type tells Cobra that the flag may be given again.
func (l *List) Type() string {
	if l.separated {
		return "stringSlice"
	}
	return "stringArray"
}

// String returns the elements.
func (l *List) String() string {
	if l.values == nil || len(*l.values) == 0 {
		return ""
	}
	return "[" + strings.Join(*l.values, ",") + "]"
}

// Set adds a value.
func (l *List) Set(text string) error {
	if !l.separated {
		*l.values = append(*l.values, text)
		return nil
	}
	var values []string
	if text != "" {
		var err error
		if values, err = csv.NewReader(strings.NewReader(text)).Read(); err != nil {
			return err
		}
	}
	if !l.changed {
		*l.values, l.changed = nil, true
	}
	*l.values = append(*l.values, values...)
	return nil
}
