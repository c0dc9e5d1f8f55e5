// Package objective is the loss of every method, in plain Go and in float64:
// the reference that each trainer is held to.
//
// There is one formula. With lp the log-probability of each token,
//
//	L = w · mean_b softplus(−β (M_b · lp − c_b)) − α · (s · lp)
//
// M_b holds the signed weights of pair b's tokens (+1 on the chosen answer's,
// −1 on the rejected one's, 0 outside of the mask), c_b is M_b · lp of the
// reference model, s are the weights of the mean log-likelihood. A method is a
// choice of w, M, c and s and nothing else.
//
// It imports nothing of ours.
package objective
