package refer

import (
	"fmt"
	"maps"
	"slices"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// offer has the parts of an object that references of others can name.
type offer struct {
	// keys are the keys of a ConfigMap or Secret, sorted; none if others fill it.
	keys []string
	// ports are the ports of a Service.
	ports []offeredPort
	// external says that a Service is only another name of a host.
	external bool
}

// offeredPort is a port of a Service.
type offeredPort struct {
	name   string
	number any
}

// offerOf returns the offer of an object, nil if it has none.
func offerOf(n engine.Node, id manifest.ID) *offer {
	switch (GroupKind{id.Group, id.Kind}) {
	case GroupKind{"", "ConfigMap"}, GroupKind{"", "Secret"}:
		if keys := keys(n); len(keys) > 0 {
			return &offer{keys: keys}
		}
	case GroupKind{"", "Service"}:
		o := offer{external: n.Field("spec", "type").Text() == "ExternalName"}
		for _, port := range n.Field("spec", "ports").Items() {
			o.ports = append(o.ports, offeredPort{port.Field("name").Text(), scalar(port.Field("port"))})
		}
		return &o
	}
	return nil
}

// keys returns the keys of a ConfigMap or Secret, sorted. It returns none if others fill
// the object: if it has no keys or is the token of a ServiceAccount.
func keys(n engine.Node) []string {
	if n.Field("type").Text() == "kubernetes.io/service-account-token" {
		return nil
	}
	var keys []string
	for _, part := range []string{"data", "binaryData", "stringData"} {
		m, _ := n.Field(part).Value.(map[string]any)
		keys = slices.AppendSeq(keys, maps.Keys(m))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// scalar returns the value, nil if it has parts.
func scalar(n engine.Node) any {
	switch n.Value.(type) {
	case string, bool, int64, float64:
		return n.Value
	}
	return nil
}

// among reports a detail that an object does not offer.
func (l *looking) among(d engine.Detail, of manifest.ID, o *offer) {
	if o == nil || !l.work(1) {
		return
	}
	switch d.Kind {
	case engine.WantsKey:
		if _, ok := slices.BinarySearch(o.keys, d.Text); !ok {
			l.lacks(d, fmt.Sprintf("%s %s has no key", of.Kind, of.Name), o.keys)
		}
	case engine.WantsPortName:
		if !l.work(len(o.ports)) {
			return
		}
		var names []string
		for _, p := range o.ports {
			if p.name == d.Text {
				return
			}
			names = append(names, p.name)
		}
		l.lacks(d, fmt.Sprintf("Service %s has no port", of.Name), names)
	case engine.WantsPortNumber:
		l.amongPorts(d, of, o)
	}
}

// lacks warns of a name that is not among names.
func (l *looking) lacks(d engine.Detail, lacks string, names []string) {
	if !l.work(len(names)) {
		return
	}
	l.warn(d.Place, engine.RuleReference, fmt.Sprintf("%s %s", lacks, message.Quote(d.Text)), engine.DidYouMean(d.Text, names)...)
}
