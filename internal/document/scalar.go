package document

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	yaml2 "go.yaml.in/yaml/v2"
	"go.yaml.in/yaml/v3"
)

// scalar returns the value of a scalar.
func (d *decoder) scalar(n *yaml.Node) (extent, error) {
	v, err := d.resolve(n)
	if err != nil {
		return extent{}, err
	}
	size := 1
	switch x := v.(type) {
	case string:
		size += len(x)
	case int64:
		if d.options.Doubles {
			v = d.double(n, float64(x))
		}
	case uint64:
		// Not even an API server has a type for it.
		v = d.double(n, float64(x))
	case float64:
		switch {
		case math.IsInf(x, 0) || math.IsNaN(x):
			return extent{}, d.fault(n, "%s: JSON has no such number", n.Value)
		case d.options.Doubles:
			v = d.double(n, x)
		case x == math.Trunc(x):
			// kubectl goes through JSON, where 1.0 and 1 are the same.
			if i, err := strconv.ParseInt(strconv.FormatFloat(x, 'f', -1, 64), 10, 64); err == nil {
				v = i
			}
		}
	}
	return extent{value: v, size: size}, nil
}

// double returns x, the float64 for the number at n. It reports n if that is another
// integer.
func (d *decoder) double(n *yaml.Node, x float64) float64 {
	if d.options.Doubles && math.Abs(x) >= 1<<53 {
		text := strings.ReplaceAll(n.Value, "_", "")
		if differs(text, 0, x) {
			d.changedAt[n] = len(d.changed)
			d.changed = append(d.changed, Integer{Line: d.line(n), Text: n.Value, Value: x})
		}
	}
	return x
}

// resolve returns the value of a scalar: nil, bool, int64, uint64, float64 or
// string.
func (d *decoder) resolve(n *yaml.Node) (any, error) {
	tagged := n.Style&yaml.TaggedStyle != 0
	if !tagged && n.Style != 0 {
		return n.Value, nil
	}
	if d.options.Meaning != Tanka {
		if tagged {
			return d.resolveTagged(n)
		}
		switch n.Tag {
		case "!!timestamp":
			return n.Value, nil
		case "!!str":
			return word(n.Value), nil
		}
	}
	switch n.ShortTag() {
	case "!!str", "!!merge":
		return n.Value, nil
	case "!!null":
		if !tagged {
			return nil, nil
		}
	case "!!bool":
		if !tagged {
			return n.Value[0] == 't' || n.Value[0] == 'T', nil
		}
	case "!!int":
		if i, err := strconv.ParseInt(n.Value, 0, 64); err == nil && !tagged {
			return i, nil
		}
	}
	var v any
	if err := n.Decode(&v); err != nil {
		return nil, d.tagFault(n, err)
	}
	return d.plain(n, v)
}

// plain returns a library's value of a scalar in the types of resolve.
func (d *decoder) plain(n *yaml.Node, v any) (any, error) {
	switch x := v.(type) {
	case int:
		return int64(x), nil
	case time.Time:
		text, err := x.MarshalText()
		if err != nil {
			return nil, d.fault(n, "%s: %v", n.Value, err)
		}
		return string(text), nil
	case string:
		return validText(x), nil
	}
	return v, nil
}

// word returns the boolean for such a word of YAML 1.1 (https://yaml.org/type/bool.html),
// else the text.
func word(text string) any {
	if len(text) <= 3 {
		switch text {
		case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON":
			return true
		case "n", "N", "no", "No", "NO", "off", "Off", "OFF":
			return false
		}
	}
	return text
}

// resolveTagged returns the value of a scalar with a tag in the library of
// sigs.k8s.io/yaml.
func (d *decoder) resolveTagged(n *yaml.Node) (any, error) {
	quoted, err := json.Marshal(n.Value)
	if err != nil {
		return nil, d.fault(n, "%s: %v", n.Value, err)
	}
	var v any
	if err := yaml2.Unmarshal(fmt.Appendf(nil, "!<%s> %s", n.LongTag(), quoted), &v); err != nil {
		return nil, d.tagFault(n, err)
	}
	return d.plain(n, v)
}

// tagFault says why a scalar does not fit its tag.
func (d *decoder) tagFault(n *yaml.Node, err error) error {
	problem := strings.TrimPrefix(err.Error(), "yaml: ")
	if strings.HasPrefix(problem, "cannot decode ") {
		problem = fmt.Sprintf("%s: want a %s", n.Value, n.ShortTag())
	}
	return d.fault(n, "%s", problem)
}
