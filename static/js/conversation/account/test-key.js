/** A published key pair that protects nothing: the known answers of key-check. */

import { unb64 } from "../../crypto/bytes.js";

/** Ed25519: the seed 00 01 … 1f and its public half. */
export const ED_SEED = Uint8Array.from({ length: 32 }, (_, index) => index);
export const ED_PUBLIC = "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg";

const RSA_DER =
  "MIIG_AIBADANBgkqhkiG9w0BAQEFAASCBuYwggbiAgEAAoIBgQDLxKlcyVOlJCCvVfpr5NG-745idtrI0gmZ" +
  "FXJTtvJCt6T6PyQLj7PNoohLunGVNYtTOf05ntBB13G0Zxy4U-7IUGoEsZWsSzfe10hU2QmOU3cDpV31gniA" +
  "0JSHVV8EF0SmvZP35qpJ1-Bf5s1WTAHyl1iVVPlbwcd8zVGtIMu1_eFJjP3LNTNHFFYgrGg_cZzi0mGoJAYq" +
  "g_IJ1yZE6R2NPFqVoerSe-N9c0VTr9TNmtS2v9VuLZtYxhub80x88dpbVxDF_d7ZEqHzrdQTJhBlpVG6AM-I" +
  "dda-YqNsGOLOYkb08GAtHDFDtGw7QOPOJNmDklbHw3obEt3fk3ukzFF7cx9qhld4Hpq2jRx_4LBOSCDsdVWw" +
  "C6WwpjGJhgvglzf5v9qxsuNxB_bQ7mtHPYuFu4DqrYj803hUcM9aN7Fa4EBQjN9LGIEE2WY5vS-anbC_t37h" +
  "PdAvXR9yunF-Hl9pAgllAXGT8s3OHgBVaac_uw2mfPvHppxZ8or6F26uxJECAwEAAQKCAYAO1f2NKrNf9xnS" +
  "HXmjWJoIEG6je9fa5NmbpbrlnkPuC56DzqXgzNB6Jl1NQwCseaUjpOzRwMUujHGHTjXPGrCF_fGm8Dvfh-wR" +
  "DRRp6RHcpPZDWhgiae9wIYxofHsm7X-RsrfbrGKCbqjnEpzcraGh3tcT3rrERxjJKc6XXMEeoDxCgkHWnvb7" +
  "mkVzESc97bDohG_-_mOpVy-ZYjeZ4m2RloiNE6iCaFBcSYPaRf3bQmykwzujTy31iecBgcNas-XhNO0Flipy" +
  "-gBJorE7lQyNUG4fhUoNhpff_g0DivwFz8ibixp1Rq8ceq-Msn-CO54Gi_edWajPViyIB9MsSszabUNMumdY" +
  "S8GMzIB8HFtDMAH19T9JSCpAgtGlnibltUe8ZQxNtkfr1cT8FtEm7ccNvJperA1q89QG2k-cZ8OLkXMVf0Xe" +
  "__pO97PAiQNVXKZaPQ-cv85-B44vit6Vzvx8NCwVvzaPSP2LyNQb23bj2wJXRozqkTClG_Unpk88KukCgcEA" +
  "52Jhm3DokyxJCxjRb4uApOwJJLnoHBzydmxZcbN24Ss7lq47oXtMSNq3gOcWBelARkAwvBiFIY4omwEV42dl" +
  "SYd78zzQ3rrG0VywfNg263fKTaGo2bM2x238JpyNxXftOMQppjJsGEBBcB0kSjfa_6mOgsSnDbwArneGHEXs" +
  "gsA_6_1ketH4WTqVS9tynFr-LA2pof1ADm8J0qbce0SIUGxcBePX_zlba2Qt3Q6QuHOtn18ug6asHYI98rN3" +
  "6SWnAoHBAOFyK_6qO2DZ6xgbZB5Xcq0T60w8dEmydM5qNNyLg_ZeFGVrj6IqODn0YSxS7Oy9olnzByLtQrx_" +
  "MyodGGJ_iU3w_zATjJeMt8YiH_dxO-06olARLZIcEaazFO-5VFoIydv1qqxhPVrV3wpM1_HmGdWDW-EYSJbN" +
  "LwL28YnGl-u1M5bYIqPW3r1pD_eE83B5It-1EJLUDrXXLL5X4iVh0YRStKEky0yZVyziIV1GOz2W6v1N3NQq" +
  "Fff9qs9dafz7BwKBwB7RisCibEfV-TCiMJsT0KGm0pzyqgi8jkrZqZwsVCQvlvM957Fdc86sWw6vOM62v5nb" +
  "yOH0vh63CY-DuH-ecO43PnoqWoOgCwUtvFAUmFQKk4Z9hrjgVuZ_LruR1Iw9qfoKnqWFR8J_JHgjWYcNI30z" +
  "_0hJmxqINOsH_nPbmGHd62WqTWzSdKql0-bTptNOh1Ykx7hMu_BwN7W4BdvhR-q2VBdwvn8_C38lS7qKyxnW" +
  "RoTYr6BXXctcYpXl8425NwKBwEEGpGftA_l4gZXPeL5DrOD9KNYxbb1ACu7qtVqTpzltg2aJcsFsehFFSq31" +
  "MT9Lp0NYlMtfMeuaqNBR2hG3BYyEoaZlTRz9SpiMiTne4FEZo22Ctuk4zWKOrtBCXXEmrcqS_mqAFalYnN-k" +
  "sHimTPdHzz2Kuo08m324aoy5ymIDPuEYcE1fkZmCb0eOgoUDe6qY2DHxllieutogESuFHmCTVmRQb48lf36D" +
  "runvcvDd0ePEDJjplrKT6SusnwCICwKBwFba0vDrhNIqQTS_OC1_PdlGoBQfKxuAKhu-UkAivSQ8SPRaSw-q" +
  "4Yqp9TqDn9sBWveyf1wODM94qEEFFSYO7XeO-Rh-_ugGTK3kHG1ImfaYjyxKsO1mMtCqP6JMECTbIMVT9TWY" +
  "fNfoYzhJQ9CrpuNeB4XDVL_bZIxPXLEthYNEA392ymbkc1cUtEj8qdH_snREc2MTj3rjDtfMetq4l-ywSFmV" +
  "rX820FpOTkM67SkIkr9nCpa6lmKJfwinH_IflA";

/** RSA-3072 as PKCS#8 DER, and the SHA-256 of its SPKI. */
export const rsaPkcs8 = () => unb64(RSA_DER, 1792);
export const RSA_SPKI_SHA256 = "xuvpVzug0QR6MP4ohtelHAh8L5Xu56apTpBSWbE0ljg";
