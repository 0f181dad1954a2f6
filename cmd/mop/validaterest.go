package main

import (
	"context"
	"errors"
	"io"

	"golang.org/x/sync/errgroup"

	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/report"
	"github.com/mop-platform/mop/pkg/validate"
)

// lateObject is an object that is not known before all are: what is said of it if
// nothing defines its kind, and where it is read again.
type lateObject struct {
	result validate.Result
	text   manifest.Text
	// at is its number among the parts of the text.
	at int
}

// remainder is what there is to say of an object when all are known.
type remainder struct {
	// late is what it says by itself, where that was not known.
	late *validate.Result
	more []validate.Finding
}

// rest tells what there is to say of the objects now that all are known.
func (f *fileCheck) rest(ctx context.Context) error {
	share := 64 * len(f.minors)
	step := 16 * share
	for first := 0; first < f.told; first += step {
		remainders := make([]remainder, min(step, f.told-first))
		work, within := errgroup.WithContext(ctx)
		for begin := 0; begin < len(remainders); begin += share {
			work.Go(func() (err error) {
				for i := begin; i < min(begin+share, len(remainders)); i++ {
					if remainders[i], err = f.restOf(within, first+i); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := work.Wait(); err != nil {
			return err
		}
		if err := f.tellRest(first, remainders); err != nil {
			return err
		}
		if err := f.out.told(); err != nil {
			return err
		}
	}
	return nil
}

// tellRest tells what there is to say of objects, whose numbers begin with first.
func (f *fileCheck) tellRest(first int, remainders []remainder) error {
	n := len(f.minors)
	records, late := make([]report.Record, n), make([]bool, n)
	for i, rest := range remainders {
		number := first + i
		if f.out.kept != nil {
			if rest.late != nil || len(rest.more) > 0 {
				f.out.later[number] = rest
			}
			continue
		}
		records[i%n], late[i%n] = rest.record(f.named(number)), rest.late != nil
		if (i+1)%n > 0 {
			continue
		}
		if err := f.out.rest(number+1-n, records, late); err != nil {
			return err
		}
	}
	return nil
}

// named returns a record that says which object has a number.
func (f *fileCheck) named(number int) report.Record {
	n := len(f.minors)
	return report.Record{Result: f.sets[number%n].Named(number / n), Minor: f.minors[number%n]}
}

// restOf returns what there is to say of the object with a number.
func (f *fileCheck) restOf(ctx context.Context, number int) (rest remainder, err error) {
	set, i := f.sets[number%len(f.minors)], number/len(f.minors)
	if late, ok := f.late[number]; ok {
		if set.Defines(i) {
			if late.result, err = f.again(ctx, set, late); err != nil {
				return rest, err
			}
		}
		rest.late = &late.result
	}
	rest.more, err = set.Together(ctx, i)
	return rest, placed(set.Named(i).Object.Source, err)
}

// again reads an object again and returns what it says by itself.
func (f *fileCheck) again(ctx context.Context, set *validate.Set, late lateObject) (validate.Result, error) {
	document, _, err := late.text.Located(ctx)
	if err != nil {
		return validate.Result{}, err
	}
	var d fileDocument
	d.add(document, nil, document.Value)
	r, err := set.Late(ctx, d.parts[late.at].object)
	r.Object.Value, r.Object.Origins = nil, nil
	return r, err
}

// record returns a record of an object with what there is to say of it.
func (rest remainder) record(r report.Record) report.Record {
	if rest.late != nil {
		r.Result = *rest.late
	}
	if len(rest.more) > 0 {
		r.Result = r.With(rest.more)
	}
	return r
}

// writeKept writes the records that were kept, with what there is to say of their
// objects since.
func (v *validateOutput) writeKept() error {
	for _, r := range v.first {
		if err := v.whole(r); err != nil {
			return err
		}
	}
	for number := 0; ; {
		r, err := v.kept.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if r.Unread == nil {
			r = v.later[number].record(r)
			number++
		}
		if err := v.whole(r); err != nil {
			return err
		}
	}
}
