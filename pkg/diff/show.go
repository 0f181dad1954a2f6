package diff

import (
	"encoding/json"
	"log/slog"

	"github.com/mop-platform/mop/pkg/manifest"
)

// String returns the status and the identity of the object, such as "changed
// Deployment.apps shop/web", without its content.
func (c Change) String() string { return c.Status().String() + " " + c.object().String() }

// LogValue is [Change.String], for package log/slog.
func (c Change) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalJSON returns the change as an object: status is "changed", "added" or "removed",
// object the identity, as [manifest.ID] has it, and from and to are the objects of
// [Change.Masked], so that no value of a Secret is shown. It leaves out an object that is not
// there. The names are stable: a later version adds some, and takes none away. The error is
// that of [json.Marshal], which objects from package manifest do not give.
func (c Change) MarshalJSON() ([]byte, error) {
	shown := c.Masked()
	return json.Marshal(struct {
		Status string           `json:"status"`
		Object manifest.ID      `json:"object"`
		From   *manifest.Object `json:"from,omitempty"`
		To     *manifest.Object `json:"to,omitempty"`
	}{c.Status().String(), c.object().ID(), shown.From, shown.To})
}

// MarshalJSON returns the field as an object: path is the text of the path, status as in the
// JSON of a [Change], from and to are the values, and secret is true for a field of a Secret.
// It leaves out a value that is not there. The names are stable, like those of a Change. The
// error is that of [json.Marshal], which values of a Change do not give.
func (f Field) MarshalJSON() ([]byte, error) {
	shown := struct {
		Path   string `json:"path"`
		Status string `json:"status"`
		From   *any   `json:"from,omitempty"`
		To     *any   `json:"to,omitempty"`
		Secret bool   `json:"secret,omitempty"`
	}{Path: f.Path.String(), Status: f.Status.String(), Secret: f.Secret}
	if f.Status != Added {
		shown.From = &f.From
	}
	if f.Status != Removed {
		shown.To = &f.To
	}
	return json.Marshal(shown)
}
