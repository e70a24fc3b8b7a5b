"""Keys for TLS on loopback: an authority, a broker that it signed, and one that it did not."""

from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from infra.kafka.broker_folder import ServerKeys


class Authority:
    """Signs certificates, and writes what there is to write into a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._ca = trustme.CA()
        self.file = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(self.file)

    def broker(self) -> ServerKeys:
        """Keys of a broker on loopback that trusts the clients of this authority."""
        issued = self._ca.issue_cert("127.0.0.1", "localhost")
        key = load_pem_private_key(issued.private_key_pem.bytes(), password=None)
        in_pkcs8 = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file = self._folder / "broker.pem"
        file.write_bytes(in_pkcs8 + b"".join(pem.bytes() for pem in issued.cert_chain_pems))
        return ServerKeys(file, self.file)

    def client(self) -> tuple[Path, Path]:
        """Certificate and key of a client."""
        issued = self._ca.issue_cert("client@holdfast.example")
        certificate, key = self._folder / "client.pem", self._folder / "client.key"
        issued.cert_chain_pems[0].write_to_path(certificate)
        issued.private_key_pem.write_to_path(key)
        return certificate, key
