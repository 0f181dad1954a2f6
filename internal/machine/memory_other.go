//go:build !linux

package machine

// Left returns the zero Memory: the memory of other systems is unknown.
func Left() Memory { return Memory{} }
