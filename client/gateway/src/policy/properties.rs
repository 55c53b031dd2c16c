//! What holds for all policies and requests, over a small world in which conditions often meet.

use std::collections::BTreeSet;

use proptest::{collection, option, prelude::*, sample};
use serde_json::json;

use super::{
    tests::{policy, rule, set},
    *,
};

const SCOPES: [&str; 3] = ["meters:read", "meters:write", "doors:open"];
const AUDIENCES: [&str; 2] = ["api://a", "api://b"];
const WORDS: [&str; 3] = ["x", "y", "z"];
const FACTORS: [Factor; 4] = [Factor::DeviceKey, Factor::RegisteredKey, Factor::Secret, Factor::Certificate];

/// All that an [`Ask`] borrows.
#[derive(Clone, Debug)]
struct Asked {
    client_id: &'static str,
    kinds: [BTreeSet<String>; 3],
    grant_type: GrantType,
    scopes: Vec<String>,
    zones: Option<BTreeSet<String>>,
    now_ms: u64,
    factors: BTreeSet<Factor>,
    audience: Option<Vec<String>>,
}

impl Asked {
    fn ask(&self) -> Ask<'_> {
        Ask {
            client_id: self.client_id,
            labels: &self.kinds[0],
            fleets: &self.kinds[1],
            roles: &self.kinds[2],
            grant_type: self.grant_type,
            scopes: &self.scopes,
            zones: self.zones.as_ref(),
            now_ms: self.now_ms,
            factors: &self.factors,
            audience: self.audience.as_deref(),
        }
    }
}

fn some(of: &'static [&'static str], least: usize) -> impl Strategy<Value = BTreeSet<String>> {
    sample::subsequence(of, least..=of.len()).prop_map(|texts| set(&texts))
}

fn factors() -> impl Strategy<Value = BTreeSet<Factor>> {
    sample::subsequence(&FACTORS[..], 0..=FACTORS.len()).prop_map(|factors| factors.into_iter().collect())
}

fn asked() -> impl Strategy<Value = Asked> {
    let who = (sample::select(&WORDS[..]), [some(&WORDS, 0), some(&WORDS, 0), some(&WORDS, 0)]);
    let what = (sample::select(&GrantType::ALL[..]), some(&SCOPES, 1), option::of(some(&AUDIENCES, 0)));
    let how = (option::of(some(&WORDS, 0)), 0..14 * 24 * 3_600_000_u64, factors());
    (who, what, how).prop_map(|((client_id, kinds), (grant_type, scopes, audience), (zones, now_ms, factors))| Asked {
        client_id,
        kinds,
        grant_type,
        scopes: scopes.into_iter().collect(),
        zones,
        now_ms,
        factors,
        audience: audience.map(|audience| audience.into_iter().collect()),
    })
}

fn clients() -> impl Strategy<Value = Clients> {
    let matching = (some(&WORDS, 1), some(&WORDS, 0), some(&WORDS, 0));
    prop_oneof![
        Just(Clients::Every),
        some(&WORDS, 1).prop_map(Clients::These),
        matching.prop_map(|(fleets, roles, labels)| Clients::Matching(Matching { fleets, roles, labels })),
    ]
}

fn window() -> impl Strategy<Value = TimeWindow> {
    let days = [Day::Monday, Day::Tuesday, Day::Wednesday, Day::Thursday, Day::Friday, Day::Saturday, Day::Sunday];
    let hours = (0..24_u8, 1..24_u8).prop_map(|(from, length)| {
        let time = |hour: u8| TimeOfDay::parse(&format!("{hour:02}:00")).unwrap();
        (time(from), time((from + length) % 24))
    });
    (sample::subsequence(days.to_vec(), 1..=7), hours).prop_map(|(days, (from, to))| TimeWindow {
        days: days.into_iter().collect(),
        from,
        to,
    })
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let grant_types = sample::subsequence(&GrantType::ALL[..], 1..=2);
    let plain = (any::<bool>(), grant_types, some(&SCOPES, 1), some(&AUDIENCES, 1));
    let more = (some(&WORDS[..2], 0), some(&WORDS[2..], 0), collection::vec(window(), 0..=2), factors());
    (plain, more).prop_map(|((is_active, grant_types, scopes, audience), (zones, except_zones, times, factors))| Rule {
        is_active,
        grant_types: grant_types.into_iter().collect(),
        scopes,
        audience,
        zones,
        except_zones,
        times,
        factors,
        ..rule("r", 1, &[])
    })
}

fn policies() -> impl Strategy<Value = Policies> {
    let numbered = |rules: Vec<Rule>| {
        let named = |(n, rule): (u32, Rule)| Rule { name: format!("r{n}"), priority: n, ..rule };
        (0..).zip(rules).map(named).collect::<Vec<_>>()
    };
    let one = (any::<bool>(), clients(), collection::vec(any_rule(), 0..5).prop_map(numbered));
    collection::vec(one, 0..4).prop_map(|all| {
        let named =
            |(n, (is_active, clients, rules))| Policy { is_active, ..policy(&format!("p{n}"), n, clients, rules) };
        Policies::new((0..).zip(all).map(named).collect()).unwrap()
    })
}

/// The same rule with one condition more. A list of alternatives grows a condition only where there was none.
fn narrowed(rule: Rule) -> impl Strategy<Value = Rule> {
    let parts = (some(&WORDS[..2], 1), some(&WORDS[2..], 1), window(), sample::select(&FACTORS[..]));
    (0..6_u8, parts).prop_map(move |(which, (zones, except_zones, window, factor))| {
        let mut narrow = rule.clone();
        match which {
            0 if narrow.zones.is_empty() => narrow.zones = zones,
            1 => narrow.except_zones.extend(except_zones),
            2 if narrow.times.is_empty() => narrow.times = vec![window],
            3 => narrow.is_active = false,
            4 if narrow.audience.len() > 1 => drop(narrow.audience.pop_first()),
            _ => drop(narrow.factors.insert(factor)),
        }
        narrow
    })
}

fn decides(clients: Clients, rule: Rule, ask: &Ask<'_>) -> bool {
    Policies::new(vec![policy("p", 1, clients, vec![rule])]).unwrap().decide(ask).is_some()
}

proptest! {
    #[test]
    fn what_is_decided_is_what_is_explained(policies in policies(), asked in asked()) {
        let ask = asked.ask();
        let explanation = policies.explain(&ask);
        let last = explanation.steps.last().filter(|step| step.verdict == Verdict::Decides);
        let decision = policies.decide(&ask);
        let named = decision.map(|decision| (decision.policy.name.clone(), Some(decision.rule.name.clone())));
        prop_assert_eq!(last.map(|step| (step.policy.clone(), step.rule.clone())), named);
        prop_assert_eq!(&explanation.scopes, &decision.map(|decision| decision.scopes(&ask)).unwrap_or_default());
        prop_assert_eq!(&explanation.audience, &decision.map(|decision| decision.audience(&ask)).unwrap_or_default());
        prop_assert_eq!(explanation.scopes.is_empty(), decision.is_none());
        prop_assert_eq!(explanation.audience.is_empty(), decision.is_none());
        let before = explanation.steps.len().saturating_sub(1);
        prop_assert!(explanation.steps.iter().take(before).all(|step| step.verdict != Verdict::Decides));
    }

    #[test]
    fn what_is_not_active_never_decides(policies in policies(), asked in asked()) {
        if let Some(decision) = policies.decide(&asked.ask()) {
            prop_assert!(decision.policy.is_active && decision.rule.is_active);
        }
    }

    #[test]
    fn nothing_is_given_that_the_rule_lacks_or_nobody_asked_for(policies in policies(), asked in asked()) {
        let ask = asked.ask();
        if let Some(decision) = policies.decide(&ask) {
            let scopes = decision.scopes(&ask);
            prop_assert!(scopes.iter().all(|scope| decision.rule.scopes.contains(scope) && ask.scopes.contains(scope)));
            prop_assert!(decision.audience(&ask).is_subset(&decision.rule.audience));
        }
    }

    #[test]
    fn one_condition_more_never_lets_more_through(
        (wide, narrow) in any_rule().prop_flat_map(|rule| (Just(rule.clone()), narrowed(rule))),
        clients in clients(),
        asked in asked(),
    ) {
        let ask = asked.ask();
        prop_assert!(!decides(clients.clone(), narrow, &ask) || decides(clients, wide, &ask));
    }

    #[test]
    fn one_kind_more_never_lets_more_clients_through(
        fleets in some(&WORDS, 1),
        roles in some(&WORDS, 1),
        labels in some(&WORDS, 1),
        asked in asked(),
    ) {
        let wide = Matching { fleets, ..Matching::default() };
        let narrow = Matching { roles, ..wide.clone() };
        let narrowest = Matching { labels, ..narrow.clone() };
        let [wide, narrow, narrowest] = [wide, narrow, narrowest].map(|one| Clients::Matching(one).include(&asked.ask()));
        prop_assert!(narrowest <= narrow && narrow <= wide);
    }

    #[test]
    fn policies_read_as_they_are_written(policies in policies()) {
        let text = serde_json::to_string(&policies).unwrap();
        prop_assert_eq!(serde_json::from_str::<Policies>(&text).unwrap(), policies);
    }
}

#[test]
fn claims_decide_nothing() {
    let scopes = ["meters:read".to_owned()];
    let ask = Ask::new("c", GrantType::ClientCredentials, &scopes, 0);
    let claims = json!({ "tier": 3 }).as_object().unwrap().clone();
    assert!(decides(Clients::Every, Rule { claims, ..rule("r", 1, &["meters:read"]) }, &ask));
}
