package manifest

import (
	"fmt"
	"io"
	"log/slog"
)

// String returns the identity of the object, Kind.group namespace/name, without its
// content, which may be secret. If it has only a generateName, String returns that, with a
// star behind it. The zero Object is "no object".
func (o Object) String() string {
	id := o.id
	switch {
	case o.value == nil:
		return "no object"
	case id.Name == "":
		id.Name = o.generateName + "*"
	}
	return id.String()
}

// Format writes [Object.String] for every verb, so that no verb shows the content.
func (o Object) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, o.String()) }

// LogValue is [Object.String], for package log/slog.
func (o Object) LogValue() slog.Value { return slog.StringValue(o.String()) }
