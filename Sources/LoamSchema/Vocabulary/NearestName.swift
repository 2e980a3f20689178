/// The candidate that `name` was probably meant to be, for "did you mean"; `nil` when none is close.
///
/// Close: at most a third of the letters changed, where two neighbours swapped count as one change, or the same letters
/// in another case. Of equally close candidates the first one wins.
public func nearestName(to name: String, among candidates: some Sequence<String>) -> String? {
  let wanted = Array(name.lowercased())
  var best: (distance: Int, name: String)?
  for candidate in candidates {
    let letters = Array(candidate.lowercased())
    let allowed = max(1, max(wanted.count, letters.count) / 3)
    guard abs(wanted.count - letters.count) <= allowed, best?.distance != 0 else { continue }
    let distance = editDistance(wanted, letters)
    // With one or two letters every name is one change from every other.
    guard distance <= allowed, distance < max(wanted.count, letters.count), distance < best?.distance ?? .max
    else { continue }
    best = (distance, candidate)
  }
  return best?.name
}

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours cost 1 each.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
      row.append(cost)
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}
