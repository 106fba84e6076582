package rules

import (
	"griot/internal/extraction/rules/entity"
	"griot/internal/extraction/rules/procedure"
	"griot/internal/extraction/rules/risk"
)

// weighting says what matters in sessions of a template. It moves thresholds
// and order; nothing is found because of it that has no evidence.
type weighting struct {
	procedures procedure.Options
	entities   entity.Options
	risks      risk.Options
}

// weigh returns the weighting of a template; unknown ones are explored openly.
func weigh(template string) weighting {
	w := weighting{
		procedures: procedure.Options{Min: 0.55, Boost: 1},
		entities:   entity.Options{Min: 0.6, Boost: map[string]float64{}},
		risks:      risk.Options{Min: 0.5, Boost: map[string]float64{}},
	}
	boost := w.entities.Boost
	switch template {
	case "operational_workflow":
		w.procedures = procedure.Options{Min: 0.55, Boost: 1.04}
		boost["Workflow"], boost["Team"], boost["Policy"] = 1.15, 1.1, 1.05
		w.risks.Boost["undocumented_workflow"], w.risks.Boost["tribal_contradiction"] = 1.1, 1.1
	case "system_ownership":
		boost["System"], boost["Team"], boost["Vendor"] = 1.2, 1.1, 1.1
		w.risks.Boost["single_person_dependency"], w.risks.Boost["vendor_lock"] = 1.1, 1.15
	case "customer_playbook":
		boost["Customer"], boost["Policy"] = 1.25, 1.05
		w.procedures.Boost = 1.02
	case "decision_retrospective":
		boost["Decision"], boost["Risk"] = 1.25, 1.15
		w.procedures = procedure.Options{Min: 0.6, Boost: 0.95}
		w.risks.Boost["tribal_contradiction"] = 1.1
	case "onboarding_handoff":
		boost["Person"], boost["System"], boost["Workflow"] = 1.05, 1.1, 1.1
		w.risks.Boost["tenure_cliff"], w.risks.Boost["undocumented_workflow"] = 1.2, 1.05
		w.procedures.Boost = 1.02
	}
	return w
}
