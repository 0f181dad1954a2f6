package check

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/mop-platform/mop/cmd/mop/internal/report"
	"github.com/mop-platform/mop/internal/inputs"
	"github.com/mop-platform/mop/internal/intake"
	"github.com/mop-platform/mop/pkg/validate"
)

// lateObject is an object that can only be checked after all objects have been read. It has
// the result for the case that nothing defines its kind, and the place where to read it
// again.
type lateObject struct {
	result validate.Result
	text   intake.Text
	// at is its number among the parts of the text.
	at int
}

// rest reports the findings that need all objects.
func (f *stream) rest(ctx context.Context) error {
	share := 64 * len(f.minors)
	step := 16 * share
	for first := 0; first < f.told; {
		remainders := make([]report.Rest, min(step, f.told-first))
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
		for of := range slices.Chunk(remainders, len(f.minors)) {
			if err := f.out.Rest(first, of, f.named); err != nil {
				return err
			}
			first += len(of)
		}
		if err := f.out.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// named returns a record that only identifies the object with a number.
func (f *stream) named(number int) report.Record {
	n := len(f.minors)
	r, _ := f.sets[number%n].Member(number / n)
	return report.Record{Result: r, Minor: f.minors[number%n]}
}

// restOf returns the findings about the object with a number that need all objects.
func (f *stream) restOf(ctx context.Context, number int) (rest report.Rest, err error) {
	set, i := f.sets[number%len(f.minors)], number/len(f.minors)
	named, defined := set.Member(i)
	if late, ok := f.late[number]; ok {
		if defined {
			if late.result, err = f.again(ctx, set, late); err != nil {
				return rest, err
			}
		}
		rest.Late = &late.result
	}
	rest.More, err = set.Together(ctx, i)
	return rest, inputs.Placed(named.Object.Source, err)
}

// again reads an object again and returns the result of a check of it alone.
func (f *stream) again(ctx context.Context, set *validate.Set, late lateObject) (validate.Result, error) {
	document, _, err := late.text.Located(ctx)
	if err != nil {
		return validate.Result{}, err
	}
	var d fileDocument
	d.add(document, nil, document.Value)
	c, err := set.Alone(ctx, d.parts[late.at].object)
	c.Result.Object.Value, c.Result.Object.Origins = nil, nil
	return c.Result, err
}
