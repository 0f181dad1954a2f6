package validate

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

	"github.com/mop-platform/mop/internal/pattern"
	"github.com/mop-platform/mop/pkg/message"
	"github.com/mop-platform/mop/pkg/release/gates"
)

// jobs adds the rules for Jobs and CronJobs
// (k8s.io/kubernetes, pkg/apis/batch/validation; pkg/apis/batch/v1/defaults.go;
// generateSelector in pkg/registry/batch/job/strategy.go).
func jobs(s table) {
	s.on("batch.v1.Job", field("spec", required, jobSpec, manualSelector), generatedSelector, indexedName)
	s.on("batch.v1.JobTemplateSpec", field("spec", required, jobSpec, templateSelector, conditionStatuses))
	s.on("batch.v1.PodFailurePolicyRule", failureRule)
	s.on("batch.v1.PodFailurePolicyOnExitCodesRequirement",
		field("operator", required, oneOf("In", "NotIn")),
		exitCodes,
	)
	s.on("batch.v1.PodFailurePolicyOnPodConditionsPattern",
		field("type", required, qualifiedName),
		field("status", oneOf("True", "False", "Unknown")),
	)

	s.on("batch.v1.CronJob", field("spec", required))
	s.on("batch.v1.CronJobSpec",
		field("schedule", required, schedule),
		field("timeZone", timeZone),
		field("startingDeadlineSeconds", atLeast(0)),
		field("concurrencyPolicy", oneOf("Allow", "Forbid", "Replace")),
		field("successfulJobsHistoryLimit", atLeast(0)),
		field("failedJobsHistoryLimit", atLeast(0)),
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

// jobSpec are the rules for Jobs and for what a CronJob makes them from. Older
// API servers drop some fields unless a feature is switched on.
func jobSpec(n node) {
	if n.zero() {
		return
	}
	for _, name := range []string{
		"parallelism", "completions", "activeDeadlineSeconds", "backoffLimit",
		"ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes",
	} {
		n.field(name).run(atLeast(0))
	}
	n.run(
		completionMode,
		podFailures,
		jobRestarts,
		when(gates.JobManagedBy, field("managedBy", notEmpty, domainPrefixedPath, atMostBytes(63))),
		when(gates.JobSuccessPolicy, successPolicy),
	)
}

func completionMode(n node) {
	mode := n.field("completionMode")
	mode.run(oneOfGiven("NonIndexed", "Indexed"))
	switch mode.text() {
	case "Indexed":
		indexedLimits(n)
	case "", "NonIndexed":
		n.field("backoffLimitPerIndex").run(onlyIndexed)
		n.field("maxFailedIndexes").run(onlyIndexed)
	}
	if n.field("maxFailedIndexes").set() && !n.field("backoffLimitPerIndex").set() {
		n.field("backoffLimitPerIndex").fail(ruleRequired, "is required with maxFailedIndexes, got none")
	}
}

func podFailures(n node) {
	replacement := n.field("podReplacementPolicy")
	if n.field("podFailurePolicy").set() {
		replacement.run(oneOfGiven("Failed"))
		failurePolicy(n)
	} else {
		replacement.run(oneOfGiven("Failed", "TerminatingOrFailed"))
	}
}

// jobRestarts: a Job, not the kubelet, makes up for pods where it has a policy
// for their failures.
func jobRestarts(n node) {
	restart := n.field("template", "spec", "restartPolicy")
	switch policy := restart.text(); {
	case policy == "" || policy == "Always":
		restart.fail(ruleValue, `want "OnFailure" or "Never", `+restart.got(), "the pods of a Job run to their end")
	case policy == "OnFailure" && n.field("podFailurePolicy").set():
		restart.fail(ruleConflict, `want "Never" with a podFailurePolicy, `+restart.got())
	}
}

var onlyIndexed = unset(`it needs completionMode "Indexed"`)

// indexedLimits asks how often an indexed Job is to be completed, and bounds what
// status.completedIndexes and failedIndexes may become.
func indexedLimits(n node) {
	const soft, hard = 10_000, 100_000
	completions, counted := completions(n)
	if !counted && !n.field("completions").set() {
		n.field("completions").fail(ruleRequired, `is required with completionMode "Indexed", got none`)
	}
	parallelism, failed := n.field("parallelism"), n.field("maxFailedIndexes")
	many := counted && completions > hard && n.field("backoffLimitPerIndex").set()
	limit := int64(hard)
	if many {
		limit = soft
		if !failed.set() {
			failed.fail(ruleRequired, "is required where completions is more than 100000, got none")
		}
	}
	atMost(parallelism, limit)
	atMost(failed, limit)
	if most, ok := failed.integer(); ok && counted && most > completions && most <= limit {
		failed.fail(ruleConflict, fmt.Sprintf("want at most completions, %d, got %d", completions, most))
	}
}

// completions returns the number of them. It is 1 for a Job, but not for what a
// CronJob makes one from, where there is no parallelism either.
func completions(n node) (int64, bool) {
	if n.kind == "batch.v1.Job" && !n.field("completions").set() && !n.field("parallelism").set() {
		return 1, true
	}
	return n.field("completions").integer()
}

// atMost asks for a number of most or less, where there is one.
func atMost(n node, most int64) {
	if i, ok := n.integer(); ok && i > most {
		n.fail(ruleValue, fmt.Sprintf("want a number of %d or less, got %d", most, i))
	}
}

// failurePolicy holds the rules of a policy against the Job; what is wrong with
// them alone is found by failureRule.
func failurePolicy(n node) {
	rules := n.field("podFailurePolicy", "rules")
	rules.run(atMostItems(20))
	var containers []string
	for _, list := range []string{"containers", "initContainers"} {
		for _, c := range n.field("template", "spec", list).items() {
			containers = append(containers, c.field("name").text())
		}
	}
	for _, r := range rules.items() {
		if action := r.field("action"); action.text() == "FailIndex" && !n.field("backoffLimitPerIndex").set() {
			action.fail(ruleConflict, "want backoffLimitPerIndex with it, got none")
		}
		if name := r.field("onExitCodes", "containerName"); name.set() && !slices.Contains(containers, name.text()) {
			name.fail(ruleReference, "want the name of a container of the template, "+name.got(), name.didYouMean(name.text(), containers)...)
		}
	}
}

func failureRule(n node) {
	n.field("action").run(required, oneOf("Count", "FailIndex", "FailJob", "Ignore"))
	codes, conditions := n.field("onExitCodes").set(), n.field("onPodConditions")
	conditions.run(atMostItems(20))
	switch {
	case codes && !conditions.zero():
		n.fail(ruleConflict, "want one of onExitCodes, onPodConditions, got 2")
	case !codes && conditions.zero():
		n.fail(ruleRequired, "want one of onExitCodes, onPodConditions, got none")
	}
}

// exitCodes: the codes are in order, each once; 0 is no failure.
func exitCodes(n node) {
	values := n.field("values")
	values.run(required, uniqueItems)
	values.run(atMostItems(255))
	before := int64(-1 << 31)
	for _, v := range values.items() {
		code, _ := v.integer()
		if code == 0 && n.field("operator").text() == "In" {
			v.fail(ruleValue, `want a number other than 0 with the operator "In", `+v.got())
		}
		if code < before {
			v.fail(ruleConflict, fmt.Sprintf("want the values in ascending order, got %d after %d", code, before))
		}
		before = code
	}
}

// conditionStatuses: the status of a condition is "True" where nothing is said,
// but not in a CronJob.
func conditionStatuses(n node) {
	n.field("podFailurePolicy", "rules").run(each(field("onPodConditions", each(field("status", required)))))
}

func successPolicy(n node) {
	policy := n.field("successPolicy")
	switch {
	case !policy.set():
		return
	case n.field("completionMode").text() != "Indexed":
		policy.run(onlyIndexed)
		return
	}
	rules := policy.field("rules")
	rules.run(required, atMostItems(20))
	completions, ok := completions(n)
	if !ok {
		return
	}
	for _, r := range rules.items() {
		count, indexes := r.field("succeededCount"), r.field("succeededIndexes")
		if !count.set() && !indexes.set() {
			r.fail(ruleRequired, "want succeededCount or succeededIndexes, got none")
		}
		indexes.run(atMostBytes(64 * 1024))
		total, err := countIndexes(indexes.text(), completions)
		if err != nil {
			indexes.fail(ruleFormat, "want indexes below completions in ascending order, such as 0,2-4: "+err.Error()+", "+indexes.got())
		}
		count.run(atLeast(0))
		atMost(count, completions)
		if i, ok := count.integer(); ok && indexes.set() && err == nil && i > total && i <= completions {
			count.fail(ruleConflict, fmt.Sprintf("want at most the number of succeededIndexes, %d, got %d", total, i))
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

// schedule: the zone of a schedule stands in the field timeZone.
func schedule(n node) {
	text := n.text()
	switch {
	case text == "":
	case strings.Contains(text, "TZ"):
		n.fail(ruleFormat, "want a schedule without a time zone, "+n.got(), "set timeZone")
	default:
		if _, err := cron.ParseStandard(text); err != nil {
			n.fail(ruleFormat, "want a schedule such as 0 4 * * 1-5: "+err.Error()+", "+n.got())
		}
	}
}

// zonePart is what the name of a time zone is made of.
var zonePart = pattern.New(`^[A-Za-z._0-9+][-A-Za-z._0-9+]{0,13}$`)

func timeZone(n node) {
	name, ok := n.value.(string)
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
		n.fail(ruleValue, "want a time zone such as Europe/Berlin, "+n.got())
	}
}

// templateSelector: a CronJob makes the selectors of its Jobs.
func templateSelector(n node) {
	for _, name := range []string{"selector", "manualSelector"} {
		if f := n.field(name); f.set() && f.value != false {
			f.fail(ruleConflict, "leave it out: a CronJob makes the selectors of its Jobs")
		}
	}
}

func manualSelector(n node) {
	if n.field("manualSelector").truth() {
		n.field("selector").run(present)
		selectsTemplate(n)
	}
}

// The labels that the API server gives the pods of a Job, by their value.
var (
	jobNameLabels = []string{"job-name", "batch.kubernetes.io/job-name"}
	jobUIDLabels  = []string{"controller-uid", "batch.kubernetes.io/controller-uid"}
)

// generatedSelector: unless a Job's selector is set by hand, the API server adds
// labels with the Job's name and its UID, that nobody knows before, to the
// template and selects by them.
func generatedSelector(n node) {
	spec := n.field("spec")
	if spec.field("manualSelector").truth() || !spec.set() {
		return
	}
	const unknown = "generated"
	name := n.field("metadata", "name")
	template := spec.field("template", "metadata", "labels")
	generated := apilabels.Set{}
	given := template.labelSet()
	for _, label := range jobUIDLabels {
		if _, ok := given[label]; ok {
			template.field(label).fail(ruleConflict, "leave it out: the API server sets it")
		}
		generated[label] = unknown
	}
	for _, label := range jobNameLabels {
		if value, ok := given[label]; ok && value != name.text() {
			template.field(label).fail(ruleConflict, "want the name of the Job, "+template.field(label).got(), "leave it out: the API server sets it")
		}
		generated[label] = name.text()
	}
	if len(name.text()) > validation.LabelValueMaxLength {
		name.fail(ruleFormat, fmt.Sprintf("want at most %d characters, since pods get it as a label, got %d", validation.LabelValueMaxLength, len(name.text())))
	}
	selector := spec.field("selector")
	if s, ok := selector.selector(); ok && selector.set() && !s.Matches(generated) {
		selector.fail(ruleConflict, "leave it out: the API server sets it", "set manualSelector: true to set it by hand")
	}
}

// indexedName: pods of an indexed Job have its name with an index as their host
// name.
func indexedName(n node) {
	name, spec := n.field("metadata", "name"), n.field("spec")
	completions, _ := completions(spec)
	if spec.field("completionMode").text() != "Indexed" || completions < 1 || name.zero() {
		return
	}
	if host := name.text() + "-" + strconv.FormatInt(completions-1, 10); len(validation.IsDNS1123Label(host)) > 0 {
		name.fail(ruleFormat, "want a name that can be a host name with an index behind it, "+host+", "+name.got())
	}
}
