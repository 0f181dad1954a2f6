package validate

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apilabels "k8s.io/apimachinery/pkg/labels"
)

// labelSet reads labels, or annotations; what is no string is an empty one.
func (n node) labelSet() apilabels.Set {
	set := apilabels.Set{}
	for key, value := range n.entries() {
		set[key] = value.text()
	}
	return set
}

// equal reads a selector that is a map of labels, as ReplicationControllers have.
func (n node) equal() apilabels.Selector { return apilabels.SelectorFromSet(n.labelSet()) }

// selector reads a label selector. It is false for one that is wrong in itself,
// of which the rules for label selectors tell.
func (n node) selector() (apilabels.Selector, bool) {
	if !n.set() {
		return apilabels.Nothing(), true
	}
	s := metav1.LabelSelector{MatchLabels: n.field("matchLabels").labelSet()}
	for _, expression := range n.field("matchExpressions").items() {
		e := metav1.LabelSelectorRequirement{
			Key:      expression.field("key").text(),
			Operator: metav1.LabelSelectorOperator(expression.field("operator").text()),
		}
		for _, value := range expression.field("values").items() {
			e.Values = append(e.Values, value.text())
		}
		s.MatchExpressions = append(s.MatchExpressions, e)
	}
	selector, err := metav1.LabelSelectorAsSelector(&s)
	return selector, err == nil
}

// selectsTemplate asks the selector of a controller to select the pods that it
// makes.
func selectsTemplate(n node) {
	selector, ok := n.field("selector").selector()
	if ok && n.field("selector").set() && n.field("template").set() {
		n.field("template", "metadata", "labels").selectedBy(selector)
	}
}

// selectedBy asks for labels that a selector selects.
func (n node) selectedBy(selector apilabels.Selector) {
	if !selector.Matches(n.labelSet()) {
		n.fail(ruleConflict, "want labels that the selector selects: "+selector.String()+", "+n.got())
	}
}

// nonEmptySelector asks for a label selector that selects something in
// particular. An empty one would select everything.
func nonEmptySelector(n node) {
	if n.set() && n.field("matchLabels").zero() && n.field("matchExpressions").zero() {
		n.fail(ruleRequired, "want matchLabels or matchExpressions, got none")
	}
}
