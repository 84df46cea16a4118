"""Where the clouds' regions lie, as groups of data residency. Pure data.

EU is the European Economic Area, where the GDPR holds (regulation (EU) 2016/679; EEA Joint Committee decision 154/2018), so
Norway is in it, and London and Zurich are not. Other is known and in none of the three groups: it agrees with no tenant.
Sources: the providers' lists of regions (AWS "Regions and Zones", Azure "regions list", Google Cloud "Regions and zones").
"""

from collections.abc import Mapping

from core.kernel.errors import Invalid

GROUPS = ("US", "EU", "APAC", "Other")
PROVIDERS = ("aws", "azure", "gcp", "other")
PROVIDER_TITLES = {"aws": "AWS", "azure": "Azure", "gcp": "Google Cloud", "other": "Other"}

_LISTED: Mapping[str, Mapping[str, str]] = {
    "aws": {
        "US": "us-east-1 us-east-2 us-west-1 us-west-2 us-gov-east-1 us-gov-west-1",
        "EU": "eu-central-1 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-3",
        "APAC": "ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 "
                "ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-7",
        "Other": "af-south-1 ca-central-1 ca-west-1 eu-central-2 eu-west-2 il-central-1 me-central-1 me-south-1 mx-central-1 "
                 "sa-east-1",
    },
    "azure": {
        "US": "centralus eastus eastus2 northcentralus southcentralus westcentralus westus westus2 westus3",
        "EU": "francecentral germanywestcentral italynorth northeurope norwayeast polandcentral spaincentral swedencentral "
              "westeurope",
        "APAC": "australiaeast australiasoutheast centralindia eastasia indonesiacentral japaneast japanwest koreacentral "
                "koreasouth malaysiawest newzealandnorth southeastasia southindia westindia",
        "Other": "brazilsouth canadacentral canadaeast israelcentral mexicocentral qatarcentral southafricanorth "
                 "switzerlandnorth uaenorth uksouth ukwest",
    },
    "gcp": {
        "US": "us-central1 us-east1 us-east4 us-east5 us-south1 us-west1 us-west2 us-west3 us-west4",
        "EU": "europe-central2 europe-north1 europe-north2 europe-southwest1 europe-west1 europe-west10 europe-west12 "
              "europe-west3 europe-west4 europe-west8 europe-west9",
        "APAC": "asia-east1 asia-east2 asia-northeast1 asia-northeast2 asia-northeast3 asia-south1 asia-south2 asia-southeast1 "
                "asia-southeast2 australia-southeast1 australia-southeast2",
        "Other": "africa-south1 europe-west2 europe-west6 me-central1 me-central2 me-west1 northamerica-northeast1 "
                 "northamerica-northeast2 northamerica-south1 southamerica-east1 southamerica-west1",
    },
}  # fmt: skip
REGIONS: Mapping[str, Mapping[str, str]] = {
    provider: {region: group for group, names in groups.items() for region in names.split()}
    for provider, groups in _LISTED.items()
}


def group_of(provider: str, region: str) -> str | None:
    """One of GROUPS; None when nobody wrote down here where the region lies."""
    return REGIONS.get(provider, {}).get(region)


def regions_of(provider: str) -> list[str]:
    """The provider's regions by name."""
    return sorted(REGIONS.get(provider, {}))


def settled_group(provider: str, region: str, declared: str | None) -> str | None:
    """The group that counts: the listed one, else what was declared (None: unknown). Raises Invalid when they contradict."""
    known = group_of(provider, region)
    if declared and declared not in GROUPS:
        sentence = f"The group is one of: {', '.join(GROUPS)}."
        raise Invalid(sentence, {"region_group": sentence})
    if known and declared and declared != known:
        sentence = f"{region} of {PROVIDER_TITLES[provider]} lies in {known}, not in {declared}."
        raise Invalid(sentence, {"region_group": sentence})
    return known or declared or None


def agreement(tenant_region: str | None, group: str | None) -> str:
    """`agrees`, `violates`, or `unknown` where one of the two is not known."""
    if tenant_region is None or group is None:
        return "unknown"
    return "agrees" if tenant_region == group else "violates"
