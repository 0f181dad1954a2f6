package render

import (
	"cmp"
	"context"
	"fmt"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/eval"
)

// Moment is a time at which files are as a frozen Renderer sees them. It is for one goroutine.
type Moment struct {
	look  *Renderer
	about string
	// fixed says that the files are those of a frozen Renderer, of whatever moment.
	fixed bool
	// seen is what the look had seen when its files were known to be of one moment.
	seen, looks int
}

// Begin returns a Moment that has seen nothing yet. about is what errors are about.
func (r *Renderer) Begin(about string) *Moment {
	return &Moment{look: r.look(), about: about, fixed: r.frozen}
}

// Look returns the frozen Renderer. It is another one after the files have moved.
func (m *Moment) Look() *Renderer { return m.look }

// Still reports whether all that the Renderer has seen is of one moment: then the work with
// it is done, and the error is done, which is that of the work. If not, Look returns a
// Renderer for what is there now, and the work begins again, unless there is an error: the
// files do not come to rest, or the budget of ctx has ended.
func (m *Moment) Still(ctx context.Context, done error) (bool, error) {
	if m.fixed {
		return true, done
	}
	if ended := budget.Of(ctx).Err(); ended != nil {
		// Nothing can be looked at again.
		return false, cmp.Or(done, ended)
	}
	seen := m.look.files.Seen()
	if seen > 0 && seen == m.seen {
		return true, done
	}
	later, moved, err := m.look.files.Moved(ctx)
	if err != nil {
		return false, err
	}
	if moved == "" {
		m.seen = seen
		return true, done
	}
	if m.looks++; m.looks > mostLooks {
		return false, fmt.Errorf("%s: %w", m.about, restless(moved))
	}
	if later, err = atRest(ctx, later); err != nil {
		return false, fmt.Errorf("%s: %w", m.about, err)
	}
	// Another Renderer, because others may keep the last one.
	next := *m.look
	next.files = later
	m.look, m.seen = &next, later.Seen()
	return false, nil
}

func restless(name string) error {
	return fmt.Errorf("its files change all the time, such as %s", name)
}

// atRest looks again at files until two looks see the same.
func atRest(ctx context.Context, files *eval.Files) (*eval.Files, error) {
	for looks := 1; ; looks++ {
		later, moved, err := files.Moved(ctx)
		if err != nil || moved == "" {
			return files, err
		}
		if looks == mostLooks {
			return nil, restless(moved)
		}
		files = later
	}
}

// mostLooks is how often files that change are looked at. An editor or a version control
// system needs two or three looks.
const mostLooks = 20
