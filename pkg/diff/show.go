package diff

import "log/slog"

// String returns the status and the identity of the object, such as "changed
// Deployment.apps shop/web", without its content.
func (c Change) String() string { return c.Status().String() + " " + c.object().String() }

// LogValue is [Change.String], for package log/slog.
func (c Change) LogValue() slog.Value { return slog.StringValue(c.String()) }
