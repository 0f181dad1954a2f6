package engine

import (
	apilabels "k8s.io/apimachinery/pkg/labels"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Ask is a question of an object about the objects that are checked with it. It outlives
// the object, so it holds only the necessary parts of it.
type Ask struct {
	Place
	Kind askKind
	// ID is the object that a reference names, or the class.
	ID manifest.ID
	// Selector is the selector of a selection.
	Selector apilabels.Selector
	// Details are asked of the objects that are found.
	Details []Detail
}

type askKind int

const (
	// AsksForObject requires the object with the id.
	AsksForObject askKind = iota
	// AsksForClass requires the StorageClass, or a PersistentVolume that names it.
	AsksForClass
	// AsksForPods requires a pod that the selector selects.
	AsksForPods
)

// Place is a place in an object.
type Place struct {
	Path manifest.Path
	// Origins are the places that made it. Nil means that they are looked up by the path.
	Origins []diag.Position
}

// Detail is a requirement of an ask on the object or the pods that it finds.
type Detail struct {
	Place
	Kind detailKind
	// Text is the name to look for.
	Text string
	// Number is the port to look for, a scalar of JSON.
	Number any
}

type detailKind int

const (
	WantsKey           detailKind = iota // of a ConfigMap or Secret
	WantsPortName                        // of a Service
	WantsPortNumber                      // of a Service
	WantsContainerPort                   // of the pods that are selected
)

// Here returns the place of the node.
func (n Node) Here() Place {
	p := Place{Path: n.path()}
	if n.origins != nil {
		p.Origins = n.origins(p.Path)
	}
	return p
}

// Ask notes a question of the node about others.
func (n Node) Ask(a Ask) {
	a.Place = n.Here()
	n.asks = append(n.asks, a)
}

// Refer asks for an object that the node names, and for details of it. If the id has no
// namespace but its kind needs one, it gets that of the object with the node.
func (n Node) Refer(id manifest.ID, details ...Detail) {
	if id.Name != "" && id.Kind != "" {
		n.Ask(Ask{Kind: AsksForObject, ID: id, Details: details})
	}
}

// Named appends a detail that asks for the name in the node, if there is one.
func (n Node) Named(kind detailKind, details []Detail) []Detail {
	if text := n.Text(); text != "" {
		details = append(details, Detail{Place: n.Here(), Kind: kind, Text: text})
	}
	return details
}
