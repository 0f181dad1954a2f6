package validate

import (
	"fmt"
	"maps"
	"slices"

	apilabels "k8s.io/apimachinery/pkg/labels"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/message"
)

// ask is what an object asks of those that it is checked with. It outlives the
// object, so it holds nothing of it but what it needs.
type ask struct {
	place
	kind askKind
	// id is the object that a reference names, or the class.
	id manifest.ID
	// selector is that of a selection.
	selector apilabels.Selector
	// details are asked of the objects that are found.
	details []detail
}

type askKind int

const (
	// asksForObject wants the object with the id.
	asksForObject askKind = iota
	// asksForClass wants the StorageClass, or a PersistentVolume that names it.
	asksForClass
	// asksForPods wants a pod that the selector selects.
	asksForPods
)

// place is where in an object something stands.
type place struct {
	path manifest.Path
	// origins are what made it; nil are looked up by the path.
	origins []diag.Position
}

// detail is what an ask wants of an object that is found, or of pods.
type detail struct {
	place
	kind detailKind
	// text is the name that is looked for.
	text string
	// number is the port that is looked for: a scalar of JSON.
	number any
}

type detailKind int

const (
	wantsKey           detailKind = iota // of a ConfigMap or Secret
	wantsPortName                        // of a Service
	wantsPortNumber                      // of a Service
	wantsContainerPort                   // of the pods that are selected
)

// offer is what others can ask of an object.
type offer struct {
	// keys are those of a ConfigMap or Secret, sorted; none where others fill it.
	keys []string
	// ports are those of a Service.
	ports []offeredPort
	// external says that a Service is but another name of a host.
	external bool
}

// offeredPort is a port of a Service.
type offeredPort struct {
	name   string
	number any
}

// offerOf returns what others can ask of an object, nil for nothing.
func (n node) offerOf(id manifest.ID) *offer {
	switch (groupKind{id.Group, id.Kind}) {
	case groupKind{"", "ConfigMap"}, groupKind{"", "Secret"}:
		if keys := n.keys(); len(keys) > 0 {
			return &offer{keys: keys}
		}
	case groupKind{"", "Service"}:
		o := offer{external: n.field("spec", "type").text() == "ExternalName"}
		for _, port := range n.field("spec", "ports").items() {
			o.ports = append(o.ports, offeredPort{port.field("name").text(), port.field("port").scalar()})
		}
		return &o
	}
	return nil
}

// keys returns the keys of a ConfigMap or Secret, sorted; none where others fill
// it, as they do where it has none or is the token of a ServiceAccount.
func (n node) keys() []string {
	if n.field("type").text() == "kubernetes.io/service-account-token" {
		return nil
	}
	var keys []string
	for _, part := range []string{"data", "binaryData", "stringData"} {
		m, _ := n.field(part).value.(map[string]any)
		keys = slices.AppendSeq(keys, maps.Keys(m))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// scalar returns the value unless it has parts.
func (n node) scalar() any {
	switch n.value.(type) {
	case string, bool, int64, float64:
		return n.value
	}
	return nil
}

// here is where the node stands.
func (n node) here() place {
	p := place{path: n.path()}
	if n.origins != nil {
		p.origins = n.origins(p.path)
	}
	return p
}

// ask notes what the node asks of others.
func (n node) ask(a ask) {
	a.place = n.here()
	n.asks = append(n.asks, a)
}

// refer asks for an object, which the node names, and for details of it. One
// without a namespace is in that of the object that the node is of, if its kind
// has namespaces.
func (n node) refer(id manifest.ID, details ...detail) {
	if id.Name != "" && id.Kind != "" {
		n.ask(ask{kind: asksForObject, id: id, details: details})
	}
}

// named appends to details that the node is the name of something, if it is one.
func (n node) named(kind detailKind, details []detail) []detail {
	if text := n.text(); text != "" {
		details = append(details, detail{place: n.here(), kind: kind, text: text})
	}
	return details
}

// among reports of a detail that is none of those that an object offers.
func (l *looking) among(d detail, of manifest.ID, o *offer) {
	if o == nil || !l.work(1) {
		return
	}
	switch d.kind {
	case wantsKey:
		if _, ok := slices.BinarySearch(o.keys, d.text); !ok {
			l.lacks(d, fmt.Sprintf("%s %s has no key", of.Kind, of.Name), o.keys)
		}
	case wantsPortName:
		if !l.work(len(o.ports)) {
			return
		}
		var names []string
		for _, p := range o.ports {
			if p.name == d.text {
				return
			}
			names = append(names, p.name)
		}
		l.lacks(d, fmt.Sprintf("Service %s has no port", of.Name), names)
	case wantsPortNumber:
		l.amongPorts(d, of, o)
	}
}

// lacks warns of a name that is none of those that there are.
func (l *looking) lacks(d detail, lacks string, names []string) {
	if !l.work(len(names)) {
		return
	}
	l.warn(d.place, ruleReference, fmt.Sprintf("%s %s", lacks, message.Quote(d.text)), didYouMean(d.text, names)...)
}
