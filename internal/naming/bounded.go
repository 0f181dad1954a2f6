package naming

import (
	"context"
	"errors"
	"math"
	"math/bits"
	"reflect"
	"strings"

	"github.com/mop-platform/mop/internal/budget"
)

// bounded wraps a function of a template. The wrapper asks the budget of ctx for the memory
// of each call, and has an error as its last result.
func bounded(ctx context.Context, name string, f any) any {
	call := reflect.ValueOf(f)
	t := call.Type()
	in, out := make([]reflect.Type, t.NumIn()), make([]reflect.Type, t.NumOut())
	for i := range in {
		in[i] = t.In(i)
	}
	for i := range out {
		out[i] = t.Out(i)
	}
	fails := len(out) == 2
	if !fails {
		out = append(out, reflect.TypeFor[error]())
	}
	b := budget.Of(ctx)
	return reflect.MakeFunc(reflect.FuncOf(in, out, t.IsVariadic()), func(args []reflect.Value) []reflect.Value {
		failed := func(err error) []reflect.Value {
			return []reflect.Value{reflect.Zero(out[0]), reflect.ValueOf(&err).Elem()}
		}
		size, err := measure(b, name, args)
		if err == nil && size == math.MaxUint64 {
			err = errLarge
		}
		if err == nil {
			err = b.Reserve(size)
		}
		if err != nil {
			return failed(err)
		}
		do := call.Call
		if t.IsVariadic() {
			do = call.CallSlice
		}
		var results []reflect.Value
		if size < lengthy {
			results = do(args)
		} else if err := budget.Away(ctx, func() { results = do(args) }); err != nil {
			return failed(err)
		}
		if !fails {
			results = append(results, reflect.Zero(out[1]))
		}
		return results
	}).Interface()
}

// lengthy is the size of a result, in bytes, that may take some milliseconds to make.
const lengthy = 64 << 10

// shallow are the functions that do not look into their arguments.
var shallow = map[string]bool{
	"get": true, "hasKey": true, "dig": true, "default": true, "empty": true, "coalesce": true, "ternary": true, "all": true, "any": true,
	"kindIs": true, "kindOf": true, "typeIs": true, "typeIsLike": true, "typeOf": true, "first": true, "last": true, "list": true, "tuple": true,
	"unset": true, "mustFirst": true, "mustLast": true, "keys": true,
}

// measure estimates the bytes of memory that a call takes, rather too many than too few.
func measure(b *budget.Budget, name string, args []reflect.Value) (uint64, error) {
	if shallow[name] {
		return 0, nil
	}
	m := meter{budget: b, work: b.Meter(), most: b.Left()}
	for _, arg := range args {
		if err := m.add(arg, 0); err != nil {
			return 0, err
		}
	}
	// The longest escape of a byte has six bytes, and a map of strings takes more.
	size := times(m.size, 8)
	length := func(i int) uint64 { return uint64(len(text(args, i))) }
	switch name {
	case "repeat":
		size = plus(size, times(number(args, 0), length(1)))
	case "until":
		size = plus(size, times(number(args, 0), 16))
	case "untilStep":
		size = plus(size, times(steps(integer(args, 0), integer(args, 1), integer(args, 2)), 32))
	case "seq":
		size = plus(size, times(sequence(args), 96))
	case "indent", "nindent":
		size = plus(size, times(number(args, 0), 2*uint64(strings.Count(text(args, 1), "\n")+2)))
	case "wrapWith":
		size = plus(size, times(length(1)+1, length(2)+1))
	case "replace":
		size = plus(size, times(length(1), uint64(strings.Count(text(args, 2), text(args, 0))+1)))
	case "join":
		size = plus(size, times(plus(m.values, 1), length(0)))
	case "printf":
		size = plus(size, widths(text(args, 0)))
	case "toPrettyJson", "mustToPrettyJson":
		size = plus(size, times(m.values, 4*uint64(m.depth)))
	case "fromJson", "mustFromJson":
		size = times(size, 8)
	case "split", "splitn", "splitList", "regexSplit", "mustRegexSplit", "regexFindAll", "mustRegexFindAll":
		size = times(size, 16)
	case "derivePassword":
		size = plus(size, 64<<20)
	case "uniq", "mustUniq", "without", "mustWithout", "sortAlpha":
		// These functions compare each value with all others.
		size = plus(size, min(times(m.values, m.values), 2*lengthy))
	case "regexReplaceAll", "mustRegexReplaceAll", "regexReplaceAllLiteral", "mustRegexReplaceAllLiteral":
		references := uint64(strings.Count(text(args, 2), "$"))
		size = plus(size, times(length(1)+1, plus(length(2), times(references, length(1)))))
	}
	if strings.Contains(strings.ToLower(name), "regex") {
		// A program takes some 256 bytes for each byte of its expression. It repeats a
		// counted part as often as the count says, a thousand times at most.
		pattern := text(args, 0)
		program := times(uint64(len(pattern)), 256)
		if strings.Contains(pattern, "{") {
			program = times(program, 1000)
		}
		size = plus(size, program)
		size = plus(size, min(times(program, length(1)), lengthy))
	}
	return size, nil
}

// text returns argument i if it is a string, else "".
func text(args []reflect.Value, i int) string {
	if i >= len(args) {
		return ""
	}
	v := args[i]
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.String {
		return ""
	}
	return v.String()
}

// integer returns argument i if it is an integer, else 0.
func integer(args []reflect.Value, i int) int {
	if i >= len(args) || args[i].Kind() != reflect.Int {
		return 0
	}
	return int(args[i].Int())
}

// number is integer without its sign.
func number(args []reflect.Value, i int) uint64 { return magnitude(integer(args, i)) }

func magnitude(n int) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// steps returns how many numbers lie between two, by a step. It returns [math.MaxUint64] if
// the last step would pass the largest integer, because the loop would not end.
func steps(from, to, by int) uint64 {
	if magnitude(to) > math.MaxInt-min(magnitude(by), math.MaxInt) {
		return math.MaxUint64
	}
	return uint64(math.Abs(float64(to)-float64(from)))/max(magnitude(by), 1) + 1
}

// sequence returns how many numbers seq returns.
func sequence(args []reflect.Value) uint64 {
	if len(args) != 1 || args[0].Kind() != reflect.Slice {
		return 0
	}
	n := func(i int) int { return int(args[0].Index(i).Int()) }
	switch args[0].Len() {
	case 1:
		return steps(1, n(0), 1)
	case 2:
		return steps(n(0), n(1), 1)
	case 3:
		return steps(n(0), n(2), n(1))
	}
	return 0
}

// widths returns how many bytes the widths in a format of package fmt may add. Each width
// is a million at most.
func widths(format string) uint64 {
	const most = 1_000_000
	total := uint64(0)
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		for i++; i < len(format) && strings.IndexByte("+-# 0123456789.*[]", format[i]) >= 0; i++ {
			switch c := format[i]; {
			case c == '*':
				total += most
			case c >= '1' && c <= '9':
				n := uint64(0)
				for ; i < len(format) && format[i] >= '0' && format[i] <= '9'; i++ {
					n = min(10*n+uint64(format[i]-'0'), most)
				}
				total += n
				i--
			}
		}
	}
	return total
}

// meter measures values.
type meter struct {
	budget *budget.Budget
	work   budget.Meter
	most   uint64
	// size is in bytes. values is the number of values, and depth their deepest nesting.
	size, values uint64
	depth        int
}

// deepest is how deeply values may be nested. Functions go through values without a limit
// of their own, and a template can make a value that holds itself.
const deepest = 10_000

var (
	errDeep  = errors.New("nested too deeply")
	errLarge = errors.New("more than any memory holds")
)

// affordable fails if the text of a value is larger than the memory that is left, or if the
// value is nested too deeply.
func affordable(b *budget.Budget, v any) error {
	switch v.(type) {
	case nil, string, bool, int, int64, float64:
		return nil
	}
	m := meter{budget: b, work: b.Meter(), most: b.Left()}
	if err := m.add(reflect.ValueOf(v), 0); err != nil {
		return err
	}
	return b.Reserve(times(m.size, 8))
}

func (m *meter) add(v reflect.Value, depth int) error {
	if depth > deepest {
		return errDeep
	}
	m.depth = max(m.depth, depth)
	m.values++
	m.size += 16
	if v.Kind() == reflect.String {
		m.size += uint64(v.Len())
	}
	if err := m.work.Work(16); err != nil {
		return err
	}
	if m.size > m.most {
		return m.budget.Reserve(m.size)
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if !v.IsNil() {
			return m.add(v.Elem(), depth+1)
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			m.size += uint64(v.Len())
			return nil
		}
		for i := range v.Len() {
			if err := m.add(v.Index(i), depth+1); err != nil {
				return err
			}
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			if err := m.add(entries.Key(), depth+1); err != nil {
				return err
			}
			if err := m.add(entries.Value(), depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// times and plus return the largest number if the result is larger.
func times(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	if high > 0 {
		return math.MaxUint64
	}
	return low
}

func plus(a, b uint64) uint64 {
	sum, carry := bits.Add64(a, b, 0)
	if carry > 0 {
		return math.MaxUint64
	}
	return sum
}
