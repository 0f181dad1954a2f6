package export

import "context"

// Rendered returns a job of environments that are already rendered.
func Rendered(name string, envs ...Environment) Job {
	render := func(_ context.Context, n int, yield func(Environment) error) error { return yield(envs[n]) }
	return Job{Name: name, Open: func(context.Context) (Entrypoint, error) {
		return Entrypoint{len(envs), func(bool) Render { return render }}, nil
	}}
}
