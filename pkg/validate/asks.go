package validate

import (
	apilabels "k8s.io/apimachinery/pkg/labels"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
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
