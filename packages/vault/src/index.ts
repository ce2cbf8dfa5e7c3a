export { systemRandom, type RandomBytes } from './key-derivation.ts';
export { DEFAULT_KDF, SALT_BYTES, SECRET_KEY_BYTES, deriveLogin, type LoginKeys } from './password-keys.ts';
export {
  PHRASE_BYTES,
  derivePhraseKeys,
  formatRecoveryPhrase,
  parseRecoveryPhrase,
  type PhraseKeys,
} from './recovery-phrase.ts';
export { HOME_KEY_BYTES, isHomeSecretSealed, openHomeSecret, sealHomeSecret } from './home-secret.ts';
export { formatKit, formatSecretKey, parseKit, parseSecretKey, type EmergencyKit } from './emergency-kit.ts';
export {
  decodeDeviceSecrets,
  deviceBoxKey,
  deviceSigner,
  encodeDeviceSecrets,
  isOwnChain,
  signSession,
  type DeviceSecrets,
} from './device-secrets.ts';
export { createAccount, type NewAccount } from './create-account.ts';
export { loginDevice, openNewGenerations, type LoggedInDevice } from './login-device.ts';
export { joinLinking, type ConfirmedLinking, type JoinedLinking, type LinkingDecision } from './join-linking.ts';
export { createLinkingWords, deriveLinkingSecret, parseLinkingWords } from './linking-words.ts';
export { offerLinking, type AskedLinking, type OfferedLinking, type ProposedLink } from './offer-linking.ts';
export { countersignDevice, renameDevice, rotateUserKeys, type Rotation } from './rotate-user-keys.ts';
export { createLogin, type NewLogin } from './change-login.ts';
export { recoverAccount, verifyRecoveredChain, type Recovery } from './recover-account.ts';
export { composeNextEpoch } from './next-epoch.ts';
export { DEFAULT_SPLITTER, createNamespace, type NewNamespace } from './create-namespace.ts';
export {
  currentEpochOf,
  decodeNamespaceSecrets,
  encodeNamespaceSecrets,
  epochCommitment,
  epochSecretOf,
  openEpochSecrets,
  openMemberSecrets,
  openNamespaceSecrets,
  openPreviousEpoch,
  sealEpochSecret,
  sealGenesisSecret,
  sealMemberSecret,
  sealPreviousEpoch,
  type NamespaceSecrets,
} from './namespace-secrets.ts';
export { deriveNamespaceKeys, nameTag, type EpochKeys, type NamespaceKeys } from './namespace-keys.ts';
export { openDeviceName, openNamespaceName } from './sealed-names.ts';
export type { PartPosition, UnknownFields } from './sealed-part.ts';
export { isName, openPlace, placeMatches, sealPlace, type Place } from './place-part.ts';
export { openContent, sealContent, type Content } from './content-part.ts';
export { openAttributes, sealAttributes, type Attributes } from './attributes-part.ts';
export {
  MAX_MANIFEST_BLOCKS,
  REFERENCE_BYTES,
  contentIdOf,
  decodeManifestReferences,
  decodeReferences,
  encodeReferences,
  type BlockReference,
  type ReferenceLimits,
} from './block-references.ts';
export { openLabel, sealLabel, type UploadLabel } from './upload-label.ts';
export type { UserKeySeed } from './user-keys.ts';
