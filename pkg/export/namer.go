package export

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/export"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/render"
)

// Namer returns the name of an object's file: a slash-separated path, relative and with the
// extension. The error says why there is none; a panic is an error. A Namer must give equal
// names for equal objects of equal environments, and be safe for concurrent use.
type Namer func(env render.Environment, o manifest.Object) (string, error)

// name asks the Namer, and checks what it gives.
func (n Namer) name(env render.Environment, o manifest.Object) (name string, err error) {
	if panicked := budget.Guarded(func() { name, err = n(env, o) }); panicked != nil {
		return "", fmt.Errorf("the namer %w", panicked)
	}
	if err != nil {
		return "", err
	}
	return export.Checked("namer", name, "")
}

// orStandard returns n, or if it is nil the Namer of the command.
func (n Namer) orStandard() (Namer, error) {
	if n != nil {
		return n, nil
	}
	return Format(export.DefaultFormat + "." + export.DefaultExtension)
}

// mostMade limits how many bytes a template may make for one name, whether it keeps them or
// not, and with them its loops.
const mostMade = 128 << 20

// Format returns a Namer that names files by a template of package text/template for the
// object, with the whole name:
//
//	{{.metadata.namespace}}/{{.kind | lower}}-{{.metadata.name}}.yaml
//
// The template has the functions of github.com/Masterminds/sprig that always give the same
// result, and the function env: Tanka's resource for the environment, as in
// {{env.metadata.name}}. A slash in the text makes a folder. A slash in a value becomes "-",
// as in Tanka. A missing value is an error, never "<no value>".
//
// The error is a [*diag.List] for a template that is wrong. The Namer has an error for a
// template that fails, or gives no path below a directory, or does too much for a name: it
// makes values of more than 128 MiB, or loops some 30,000 times. So a template of a stranger
// does no harm.
func Format(text string) (Namer, error) {
	if _, err := export.ParseFormat(context.Background(), text, ""); err != nil {
		return nil, err
	}
	// Each use has a template of its own, because functions know only their template.
	idle := sync.Pool{New: func() any { return newUse(text) }}
	return func(env render.Environment, o manifest.Object) (string, error) {
		u := idle.Get().(*use)
		defer idle.Put(u)
		return u.name(env, o)
	}, nil
}

// use is a template with what it needs to name one file.
type use struct {
	ctx    context.Context
	format *export.Format
	env    render.Environment
}

func newUse(text string) *use {
	u := &use{}
	// Nothing watches this budget, so that nothing needs to stop it.
	u.ctx, _ = budget.New(context.Background(), budget.Limits{Made: mostMade})
	format, err := export.ParseFormat(u.ctx, text, "")
	if err != nil {
		panic("export: a template that parses only once: " + err.Error())
	}
	u.format = format.With(u.resource)
	return u
}

// resource returns Tanka's resource for the environment.
func (u *use) resource() (map[string]any, error) {
	data, err := json.Marshal(u.env)
	if err != nil {
		return nil, err
	}
	var m map[string]any
	err = json.Unmarshal(data, &m)
	return m, err
}

func (u *use) name(env render.Environment, o manifest.Object) (string, error) {
	budget.Of(u.ctx).Renew()
	u.env = env
	defer func() { u.env = render.Environment{} }()
	return u.format.File(u.ctx, o)
}
