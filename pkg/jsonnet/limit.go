package jsonnet

import (
	"context"
	"errors"
)

// ErrLimit is the error of an evaluation that has exceeded one of its [Limits], for
// [errors.Is]. [*LimitError] says which one.
var ErrLimit = errors.New("limit exceeded")

// LimitError is the error of an evaluation that has exceeded one of its [Limits]. For
// [errors.Is] it is [ErrLimit] and, if the time is over, also [context.DeadlineExceeded].
type LimitError struct {
	// Limit is the name of the limit: "time", "memory" or "stack".
	Limit string
	// Err says where. It has a [diag.Diagnostic] in its chain.
	Err error
}

// Error returns the text of Err.
func (e *LimitError) Error() string { return e.Err.Error() }

// Is reports whether target is [ErrLimit] or, if the time is over,
// [context.DeadlineExceeded].
func (e *LimitError) Is(target error) bool {
	return target == ErrLimit || e.Limit == "time" && target == context.DeadlineExceeded
}

// Unwrap returns Err.
func (e *LimitError) Unwrap() error { return e.Err }
