package jsonnet

// OnPartOfStack returns in for a stack of Go that is the nth part of the usual one.
func OnPartOfStack(in Input, n int) Input {
	in.mostNested = mostNested / n
	return in
}
