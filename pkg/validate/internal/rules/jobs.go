package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	// The names of time zones do not depend on the machine.
	_ "time/tzdata"

	"github.com/robfig/cron/v3"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	apilabels "k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/pattern"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// jobs adds the rules for Jobs and CronJobs.
func jobs(s engine.Table) {
	s.On("batch.v1.Job", engine.Field("spec", engine.Required, jobSpec, manualSelector), generatedSelector, indexedName)
	s.On("batch.v1.JobTemplateSpec", engine.Field("spec", engine.Required, jobSpec, templateSelector, conditionStatuses))
	s.On("batch.v1.PodFailurePolicyRule", failureRule)
	s.On("batch.v1.PodFailurePolicyOnExitCodesRequirement",
		engine.Field("operator", engine.Required, engine.OneOf("In", "NotIn")),
		exitCodes,
	)
	s.On("batch.v1.PodFailurePolicyOnPodConditionsPattern",
		engine.Field("type", engine.Required, engine.QualifiedName),
		engine.Field("status", engine.OneOf("True", "False", "Unknown")),
	)

	s.On("batch.v1.CronJob", engine.Field("spec", engine.Required))
	s.On("batch.v1.CronJobSpec",
		engine.Field("schedule", engine.Required, schedule),
		engine.Field("timeZone", timeZone),
		engine.Field("startingDeadlineSeconds", engine.AtLeast(0)),
		engine.Field("concurrencyPolicy", engine.OneOf("Allow", "Forbid", "Replace")),
		engine.Field("successfulJobsHistoryLimit", engine.AtLeast(0)),
		engine.Field("failedJobsHistoryLimit", engine.AtLeast(0)),
	)
}

// nameOfCronJob leaves room for the time that a CronJob appends to name a Job.
func nameOfCronJob(name string, prefix bool) []string {
	const most, appended = 52, 5
	if len(name) > most || prefix && len(name) > most-appended {
		return []string{"must be no more than 52 characters, since Jobs are named after it"}
	}
	return apivalidation.NameIsDNSSubdomain(name, prefix)
}

// jobSpec has the rules for Jobs and for the templates of CronJobs.
func jobSpec(n engine.Node) {
	if n.IsZero() {
		return
	}
	for _, name := range []string{
		"parallelism", "completions", "activeDeadlineSeconds", "backoffLimit",
		"ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes",
	} {
		n.Field(name).Run(engine.AtLeast(0))
	}
	n.Run(
		completionMode,
		podFailures,
		jobRestarts,
		engine.Field("managedBy", engine.NotEmpty, engine.DomainPrefixedPath, engine.AtMostBytes(63)),
		successPolicy,
	)
}

func completionMode(n engine.Node) {
	mode := n.Field("completionMode")
	mode.Run(engine.OneOfGiven("NonIndexed", "Indexed"))
	switch mode.Text() {
	case "Indexed":
		indexedLimits(n)
	case "", "NonIndexed":
		n.Field("backoffLimitPerIndex").Run(onlyIndexed)
		n.Field("maxFailedIndexes").Run(onlyIndexed)
	}
	if n.Field("maxFailedIndexes").IsSet() && !n.Field("backoffLimitPerIndex").IsSet() {
		n.Field("backoffLimitPerIndex").Fail(engine.RuleRequired, "is required with maxFailedIndexes, got none")
	}
}

func podFailures(n engine.Node) {
	replacement := n.Field("podReplacementPolicy")
	if n.Field("podFailurePolicy").IsSet() {
		replacement.Run(engine.OneOfGiven("Failed"))
		failurePolicy(n)
	} else {
		replacement.Run(engine.OneOfGiven("Failed", "TerminatingOrFailed"))
	}
}

// jobRestarts: if a Job has a policy for failures of its pods, the Job replaces them, not
// the kubelet.
func jobRestarts(n engine.Node) {
	restart := n.Field("template", "spec", "restartPolicy")
	switch policy := restart.Text(); {
	case policy == "" || policy == "Always":
		restart.Fail(engine.RuleValue, `want "OnFailure" or "Never", `+restart.Got(), "the pods of a Job run to their end")
	case policy == "OnFailure" && n.Field("podFailurePolicy").IsSet():
		restart.Fail(engine.RuleConflict, `want "Never" with a podFailurePolicy, `+restart.Got())
	}
}

var onlyIndexed = engine.Unset(`it needs completionMode "Indexed"`)

// indexedLimits requires the completions of an indexed Job, and limits the size of
// status.completedIndexes and failedIndexes.
func indexedLimits(n engine.Node) {
	const soft, hard = 10_000, 100_000
	completions, counted := completions(n)
	if !counted && !n.Field("completions").IsSet() {
		n.Field("completions").Fail(engine.RuleRequired, `is required with completionMode "Indexed", got none`)
	}
	parallelism, failed := n.Field("parallelism"), n.Field("maxFailedIndexes")
	many := counted && completions > hard && n.Field("backoffLimitPerIndex").IsSet()
	limit := int64(hard)
	if many {
		limit = soft
		if !failed.IsSet() {
			failed.Fail(engine.RuleRequired, "is required where completions is more than 100000, got none")
		}
	}
	atMost(parallelism, limit)
	atMost(failed, limit)
	if most, ok := failed.Integer(); ok && counted && most > completions && most <= limit {
		failed.Fail(engine.RuleConflict, fmt.Sprintf("want at most completions, %d, got %d", completions, most))
	}
}

// completions returns the number of completions. Without parallelism its default is 1 in a
// Job; in the template of a CronJob there is no default.
func completions(n engine.Node) (int64, bool) {
	if n.Kind == "batch.v1.Job" && !n.Field("completions").IsSet() && !n.Field("parallelism").IsSet() {
		return 1, true
	}
	return n.Field("completions").Integer()
}

// atMost requires a number of most or less, if there is one.
func atMost(n engine.Node, most int64) {
	if i, ok := n.Integer(); ok && i > most {
		n.Fail(engine.RuleValue, fmt.Sprintf("want a number of %d or less, got %d", most, i))
	}
}

// failurePolicy checks the rules of a policy against the Job; failureRule checks them
// alone.
func failurePolicy(n engine.Node) {
	rules := n.Field("podFailurePolicy", "rules")
	rules.Run(engine.AtMostItems(20))
	var containers []string
	for _, list := range []string{"containers", "initContainers"} {
		for _, c := range n.Field("template", "spec", list).Items() {
			containers = append(containers, c.Field("name").Text())
		}
	}
	for _, r := range rules.Items() {
		if action := r.Field("action"); action.Text() == "FailIndex" && !n.Field("backoffLimitPerIndex").IsSet() {
			action.Fail(engine.RuleConflict, "want backoffLimitPerIndex with it, got none")
		}
		if name := r.Field("onExitCodes", "containerName"); name.IsSet() && !slices.Contains(containers, name.Text()) {
			name.Fail(engine.RuleReference, "want the name of a container of the template, "+name.Got(), name.DidYouMean(name.Text(), containers)...)
		}
	}
}

func failureRule(n engine.Node) {
	n.Field("action").Run(engine.Required, engine.OneOf("Count", "FailIndex", "FailJob", "Ignore"))
	codes, conditions := n.Field("onExitCodes").IsSet(), n.Field("onPodConditions")
	conditions.Run(engine.AtMostItems(20))
	switch {
	case codes && !conditions.IsZero():
		n.Fail(engine.RuleConflict, "want one of onExitCodes, onPodConditions, got 2")
	case !codes && conditions.IsZero():
		n.Fail(engine.RuleRequired, "want one of onExitCodes, onPodConditions, got none")
	}
}

// exitCodes: the codes are in order, each once; 0 is no failure.
func exitCodes(n engine.Node) {
	values := n.Field("values")
	values.Run(engine.Required, engine.UniqueItems)
	values.Run(engine.AtMostItems(255))
	before := int64(-1 << 31)
	for _, v := range values.Items() {
		code, _ := v.Integer()
		if code == 0 && n.Field("operator").Text() == "In" {
			v.Fail(engine.RuleValue, `want a number other than 0 with the operator "In", `+v.Got())
		}
		if code < before {
			v.Fail(engine.RuleConflict, fmt.Sprintf("want the values in ascending order, got %d after %d", code, before))
		}
		before = code
	}
}

// conditionStatuses: the default status of a condition is "True", but a CronJob has no
// default.
func conditionStatuses(n engine.Node) {
	n.Field("podFailurePolicy", "rules").Run(engine.Each(engine.Field("onPodConditions", engine.Each(engine.Field("status", engine.Required)))))
}

func successPolicy(n engine.Node) {
	policy := n.Field("successPolicy")
	switch {
	case !policy.IsSet():
		return
	case n.Field("completionMode").Text() != "Indexed":
		policy.Run(onlyIndexed)
		return
	}
	rules := policy.Field("rules")
	rules.Run(engine.Required, engine.AtMostItems(20))
	completions, ok := completions(n)
	if !ok {
		return
	}
	for _, r := range rules.Items() {
		count, indexes := r.Field("succeededCount"), r.Field("succeededIndexes")
		if !count.IsSet() && !indexes.IsSet() {
			r.Fail(engine.RuleRequired, "want succeededCount or succeededIndexes, got none")
		}
		indexes.Run(engine.AtMostBytes(64 * 1024))
		total, err := countIndexes(indexes.Text(), completions)
		if err != nil {
			indexes.Fail(engine.RuleFormat, "want indexes below completions in ascending order, such as 0,2-4: "+err.Error()+", "+indexes.Got())
		}
		count.Run(engine.AtLeast(0))
		atMost(count, completions)
		if i, ok := count.Integer(); ok && indexes.IsSet() && err == nil && i > total && i <= completions {
			count.Fail(engine.RuleConflict, fmt.Sprintf("want at most the number of succeededIndexes, %d, got %d", total, i))
		}
	}
}

// countIndexes counts the indexes of a list of numbers and ranges, such as
// 0,2-4.
func countIndexes(text string, completions int64) (total int64, err error) {
	if text == "" {
		return 0, nil
	}
	last := int64(-1)
	for interval := range strings.SplitSeq(text, ",") {
		from, to, ranged := strings.Cut(interval, "-")
		if !ranged {
			to = from
		}
		first, err := strconv.ParseInt(from, 10, 32)
		if err != nil {
			return 0, fmt.Errorf("%s is no number", message.Quote(from))
		}
		end, err := strconv.ParseInt(to, 10, 32)
		if err != nil {
			return 0, fmt.Errorf("%s is no number", message.Quote(to))
		}
		if first <= last || ranged && end <= first {
			return 0, fmt.Errorf("%s is not in order", interval)
		}
		if end >= completions {
			return 0, fmt.Errorf("%d is none below %d", end, completions)
		}
		last, total = end, total+end-first+1
	}
	return total, nil
}

// schedule: the zone of a schedule is in the field timeZone.
func schedule(n engine.Node) {
	text := n.Text()
	switch {
	case text == "":
	case strings.Contains(text, "TZ"):
		n.Fail(engine.RuleFormat, "want a schedule without a time zone, "+n.Got(), "set timeZone")
	default:
		if _, err := cron.ParseStandard(text); err != nil {
			n.Fail(engine.RuleFormat, "want a schedule such as 0 4 * * 1-5: "+err.Error()+", "+n.Got())
		}
	}
}

// zonePart matches a part of the name of a time zone.
var zonePart = pattern.New(`^[A-Za-z._0-9+][-A-Za-z._0-9+]{0,13}$`)

func timeZone(n engine.Node) {
	name, ok := n.Value.(string)
	if !ok {
		return
	}
	known := name != "" && !strings.EqualFold(name, "Local")
	for part := range strings.SplitSeq(name, "/") {
		known = known && part != "." && part != ".." && zonePart().MatchString(part)
	}
	if known {
		_, err := time.LoadLocation(name)
		known = err == nil
	}
	if !known {
		n.Fail(engine.RuleValue, "want a time zone such as Europe/Berlin, "+n.Got())
	}
}

// templateSelector: a CronJob makes the selectors of its Jobs.
func templateSelector(n engine.Node) {
	for _, name := range []string{"selector", "manualSelector"} {
		if f := n.Field(name); f.IsSet() && f.Value != false {
			f.Fail(engine.RuleConflict, "leave it out: a CronJob makes the selectors of its Jobs")
		}
	}
}

func manualSelector(n engine.Node) {
	if n.Field("manualSelector").Truth() {
		n.Field("selector").Run(engine.Present)
		engine.SelectsTemplate(n)
	}
}

// The labels that the API server gives the pods of a Job, by their value.
var (
	jobNameLabels = []string{"job-name", "batch.kubernetes.io/job-name"}
	jobUIDLabels  = []string{"controller-uid", "batch.kubernetes.io/controller-uid"}
)

// generatedSelector: unless a Job's selector is set by hand, the API server adds labels
// with the Job's name and its UID to the template and selects by them. The UID is unknown
// before the creation.
func generatedSelector(n engine.Node) {
	spec := n.Field("spec")
	if spec.Field("manualSelector").Truth() || !spec.IsSet() {
		return
	}
	const unknown = "generated"
	name := n.Field("metadata", "name")
	template := spec.Field("template", "metadata", "labels")
	generated := apilabels.Set{}
	given := template.Labels()
	for _, label := range jobUIDLabels {
		if _, ok := given[label]; ok {
			template.Field(label).Fail(engine.RuleConflict, "leave it out: the API server sets it")
		}
		generated[label] = unknown
	}
	for _, label := range jobNameLabels {
		if value, ok := given[label]; ok && value != name.Text() {
			template.Field(label).Fail(engine.RuleConflict, "want the name of the Job, "+template.Field(label).Got(), "leave it out: the API server sets it")
		}
		generated[label] = name.Text()
	}
	if len(name.Text()) > validation.LabelValueMaxLength {
		name.Fail(engine.RuleFormat, fmt.Sprintf("want at most %d characters, since pods get it as a label, got %d", validation.LabelValueMaxLength, len(name.Text())))
	}
	selector := spec.Field("selector")
	if s, ok := selector.Selector(); ok && selector.IsSet() && !s.Matches(generated) {
		selector.Fail(engine.RuleConflict, "leave it out: the API server sets it", "set manualSelector: true to set it by hand")
	}
}

// indexedName: pods of an indexed Job have its name with an index as their host
// name.
func indexedName(n engine.Node) {
	name, spec := n.Field("metadata", "name"), n.Field("spec")
	completions, _ := completions(spec)
	if spec.Field("completionMode").Text() != "Indexed" || completions < 1 || name.IsZero() {
		return
	}
	if host := name.Text() + "-" + strconv.FormatInt(completions-1, 10); len(validation.IsDNS1123Label(host)) > 0 {
		name.Fail(engine.RuleFormat, "want a name that can be a host name with an index behind it, "+host+", "+name.Got())
	}
}
