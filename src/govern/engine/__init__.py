"""The one evaluator: state and every verdict as a function of policy, ledger, evidence facts and a moment."""
