package engine

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apilabels "k8s.io/apimachinery/pkg/labels"
)

// Labels reads labels or annotations. A value that is no string counts as "".
func (n Node) Labels() apilabels.Set {
	set := apilabels.Set{}
	for key, value := range n.Entries() {
		set[key] = value.Text()
	}
	return set
}

// EqualSelector reads a selector that is a map of labels, as ReplicationControllers have.
func (n Node) EqualSelector() apilabels.Selector { return apilabels.SelectorFromSet(n.Labels()) }

// Selector reads a label selector. It returns false for a wrong one, which the rules for
// label selectors report.
func (n Node) Selector() (apilabels.Selector, bool) {
	if !n.IsSet() {
		return apilabels.Nothing(), true
	}
	s := metav1.LabelSelector{MatchLabels: n.Field("matchLabels").Labels()}
	for _, expression := range n.Field("matchExpressions").Items() {
		e := metav1.LabelSelectorRequirement{
			Key:      expression.Field("key").Text(),
			Operator: metav1.LabelSelectorOperator(expression.Field("operator").Text()),
		}
		for _, value := range expression.Field("values").Items() {
			e.Values = append(e.Values, value.Text())
		}
		s.MatchExpressions = append(s.MatchExpressions, e)
	}
	selector, err := metav1.LabelSelectorAsSelector(&s)
	return selector, err == nil
}

// SelectsTemplate requires that the selector of a controller select the pods that the
// controller makes.
func SelectsTemplate(n Node) {
	selector, ok := n.Field("selector").Selector()
	if ok && n.Field("selector").IsSet() && n.Field("template").IsSet() {
		n.Field("template", "metadata", "labels").SelectedBy(selector)
	}
}

// SelectedBy requires labels that a selector selects.
func (n Node) SelectedBy(selector apilabels.Selector) {
	if !selector.Matches(n.Labels()) {
		n.Fail(RuleConflict, "want labels that the selector selects: "+selector.String()+", "+n.Got())
	}
}

// NonEmptySelector requires a label selector that selects something in
// particular. An empty one would select everything.
func NonEmptySelector(n Node) {
	if n.IsSet() && n.Field("matchLabels").IsZero() && n.Field("matchExpressions").IsZero() {
		n.Fail(RuleRequired, "want matchLabels or matchExpressions, got none")
	}
}
