package eval

import (
	"context"
	"io"
	"sync"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/jsonnet"
)

// Opened is an evaluation by [Compiled] whose value is computed part by part. Several
// goroutines may use it, but it does one thing at a time. The errors of its methods are
// those of [Eval].
type Opened struct {
	mu    sync.Mutex
	run   *run
	again bool
	// trace is nil if traces are not kept apart.
	trace *partTrace
	// out is nil before it is needed, and if opening has failed.
	out *jsonnet.Result
	// tracer finds the origins. It is nil before they are asked for.
	tracer *jsonnet.Tracer
}

// Open returns an evaluation of in, whatever its engine. The evaluation begins with the
// first call of a method that needs it.
func Open(ctx context.Context, files *Files, in Input) *Opened {
	o := &Opened{}
	if t, ok := in.Trace.(Tracer); ok {
		o.trace = &partTrace{tracer: t, name: in.name()}
		in.Trace = o.trace
	}
	o.run = newRun(ctx, files, in)
	return o
}

// Again returns another evaluation of the same input, after [Opened.Outline] was called. It
// does not trace the way to the parts a second time.
func (o *Opened) Again(ctx context.Context) *Opened {
	in := o.run.in
	if o.trace != nil {
		in.Trace = o.trace.tracer
	}
	again := Open(ctx, o.run.imp.files, in)
	again.again = true
	return again
}

// partTrace is the trace of an Opened. w receives the trace of one part, and is nil if
// there is none yet.
type partTrace struct {
	tracer Tracer
	name   string
	w      io.Writer
}

func (t *partTrace) Write(p []byte) (int, error) {
	if t.w == nil {
		t.w = t.tracer.Of(t.name)
	}
	return t.w.Write(p)
}

// do calls f with the open evaluation, and returns its failure as that of [Eval].
func (o *Opened) do(f func(*jsonnet.Result) error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.locked(f)
}

// locked is do for a caller that holds the lock.
func (o *Opened) locked(f func(*jsonnet.Result) error) error {
	if o.trace != nil {
		o.trace.w = nil
	}
	defer budget.Of(o.run.imp.ctx).During(o.run.in.doing())()
	var err error
	if o.out == nil {
		o.out, err = o.run.open(jsonnet.Input{Parts: true, Again: o.again})
	}
	if err == nil {
		err = f(o.out)
	}
	if err == nil {
		return nil
	}
	err = o.run.diagnose(err)
	if ended := o.run.in.endOf(o.run.imp.ctx, err); ended != nil {
		return ended
	}
	return err
}

// Result returns value, which is a value of o or an outline, with its origins and the files
// that were read until now.
func (o *Opened) Result(value any) Result {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.run.imp.result()
	r.Value, r.opened = value, o
	return r
}

// Outline returns the value without the parts that cut leaves out, see
// [jsonnet.Result.Outline]. The Result has the origins of all parts.
func (o *Opened) Outline(cut jsonnet.Cut) (Result, error) {
	var v any
	err := o.do(func(out *jsonnet.Result) (err error) {
		v, err = out.Outline(cut)
		return err
	})
	return o.Result(v), err
}

// Value returns the whole value.
func (o *Opened) Value() (Result, error) {
	var v any
	err := o.do(func(out *jsonnet.Result) (err error) {
		v, err = out.Value()
		return err
	})
	return o.Result(v), err
}

// Part returns the field of the object at a path, see [jsonnet.Result.Part].
func (o *Opened) Part(path []any, name string) (part any, err error) {
	err = o.do(func(out *jsonnet.Result) (err error) {
		part, err = out.Part(path, name)
		return err
	})
	return part, err
}

// Release frees the memory of the objects that are computed apart, see
// [jsonnet.Result.Release], and the memory for origins.
func (o *Opened) Release() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.out != nil {
		o.out.Release()
	}
	if o.tracer != nil {
		o.tracer.Release()
	}
}

// Origins returns the places that made the part of the value at a path, as
// [Result.Origins] does.
func (o *Opened) Origins(path []any) []Origin {
	tracer := func(out *jsonnet.Result) error {
		o.tracer = out.Tracer()
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.tracer == nil && o.locked(tracer) != nil {
		return nil
	}
	found, err := o.tracer.Origins(o.run.isOrigin, path...)
	if err != nil {
		// The value was computed before, so the time is over or the context has ended.
		return nil
	}
	return o.run.originsOf(found)
}
