package engine

import (
	apilabels "k8s.io/apimachinery/pkg/labels"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Ask is what an object asks of those that it is checked with. It outlives the
// object, so it holds nothing of it but what it needs.
type Ask struct {
	Place
	Kind askKind
	// ID is the object that a reference names, or the class.
	ID manifest.ID
	// Selector is that of a selection.
	Selector apilabels.Selector
	// Details are asked of the objects that are found.
	Details []Detail
}

type askKind int

const (
	// AsksForObject wants the object with the id.
	AsksForObject askKind = iota
	// AsksForClass wants the StorageClass, or a PersistentVolume that names it.
	AsksForClass
	// AsksForPods wants a pod that the selector selects.
	AsksForPods
)

// Place is where in an object something stands.
type Place struct {
	Path manifest.Path
	// Origins are what made it; nil are looked up by the path.
	Origins []diag.Position
}

// Detail is what an ask wants of an object that is found, or of pods.
type Detail struct {
	Place
	Kind detailKind
	// Text is the name that is looked for.
	Text string
	// Number is the port that is looked for: a scalar of JSON.
	Number any
}

type detailKind int

const (
	WantsKey           detailKind = iota // of a ConfigMap or Secret
	WantsPortName                        // of a Service
	WantsPortNumber                      // of a Service
	WantsContainerPort                   // of the pods that are selected
)

// Here is where the node stands.
func (n Node) Here() Place {
	p := Place{Path: n.path()}
	if n.origins != nil {
		p.Origins = n.origins(p.Path)
	}
	return p
}

// Ask notes what the node asks of others.
func (n Node) Ask(a Ask) {
	a.Place = n.Here()
	n.asks = append(n.asks, a)
}

// Refer asks for an object, which the node names, and for details of it. One
// without a namespace is in that of the object that the node is of, if its kind
// has namespaces.
func (n Node) Refer(id manifest.ID, details ...Detail) {
	if id.Name != "" && id.Kind != "" {
		n.Ask(Ask{Kind: AsksForObject, ID: id, Details: details})
	}
}

// Named appends to details that the node is the name of something, if it is one.
func (n Node) Named(kind detailKind, details []Detail) []Detail {
	if text := n.Text(); text != "" {
		details = append(details, Detail{Place: n.Here(), Kind: kind, Text: text})
	}
	return details
}
