/// A rule of the protocol that a mutant leaves out. Each must be caught: otherwise the simulation proves nothing.
enum MissingRule: String, CaseIterable, Sendable {
  case takeNewer, readerDoesNotLookAgain, retentionAsIfPublished, tagsOnDroppedVersions, recoveryOfTheLiving
  case leaseFreedBeforeCleaning, leasesTimeOut, mergeIntoTheBase, unknownTakenAsFailure, rowsForgottenAfterFullDisk
  case droppedBlocksLeft, numbersReused, unpublishedStampsCollected, openUpperBound, lazilySyncedShards
  case basesNotPinned, backupWithoutHold, restoreWithoutWalk, deltaByUnionOfChanges, collectingBelowAPatch
  case foldWithoutHold
}
