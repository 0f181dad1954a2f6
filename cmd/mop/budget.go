package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/spf13/pflag"

	"github.com/mop-platform/mop/cmd/mop/internal/option"
	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/heap"
	"github.com/mop-platform/mop/internal/machine"
)

// budgetFlags are the flags for the limits of every command.
type budgetFlags struct {
	timeout              time.Duration
	maxMemory, maxOutput option.Size
}

func (f *budgetFlags) add(flags *pflag.FlagSet) {
	flags.DurationVar(&f.timeout, "timeout", 0, "end the command after this `TIME`, such as 30s")
	flags.Var(&f.maxMemory, "max-memory", "end the command where it holds more memory than this `SIZE`, such as 2Gi (by default half of what the machine leaves)")
	flags.Var(&f.maxOutput, "max-output", "end the command where it writes more than this `SIZE`, such as 100Mi")
}

// limits returns the limits that the flags and the machine set.
func (f *budgetFlags) limits(left machine.Memory) (budget.Limits, error) {
	if f.timeout < 0 {
		return budget.Limits{}, wrongCall(fmt.Sprintf("--timeout: want a positive time, got %v", f.timeout), "")
	}
	l := budget.Limits{Timeout: f.timeout, Memory: uint64(f.maxMemory), Output: int64(min(f.maxOutput, math.MaxInt64))}
	if l.Memory == 0 {
		l.Memory = left.Half()
	}
	return l, nil
}

// begin adds the command's budget to ctx. It is called once.
func (a *app) begin(ctx context.Context) (context.Context, error) {
	left := machine.Left()
	limits, err := a.budget.limits(left)
	if err != nil {
		return nil, err
	}
	if a.budget.maxMemory == 0 {
		a.debugf("memory limit: %s, %s", budget.Bytes(limits.Memory), left)
	}
	if limits.Memory > 0 && limits.Memory < math.MaxInt64 {
		// The collector removes garbage before it counts against the limit.
		heap.Limit(int64(limits.Memory))
	}
	ctx, a.stop = budget.New(ctx, limits)
	a.spent = budget.Of(ctx)
	if limits.Output > 0 {
		a.count(a.spent)
	}
	if a.ending.done != nil {
		go a.watch(ctx, limits.Memory)
	}
	return ctx, nil
}
